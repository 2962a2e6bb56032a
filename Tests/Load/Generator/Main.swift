import ArgumentParser
import Foundation

/// Makes load for Parley's signaling and for the servers that it is measured beside, and prints what it saw.
@main
struct Load: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load", abstract: "Puts people into rooms of a signaling server and measures what it costs them.")

    enum Server: String, ExpressibleByArgument, CaseIterable {
        case parley, spreed, prosody, nats
    }

    enum Scenario: String, ExpressibleByArgument, CaseIterable {
        case chat, join, idle
    }

    @Argument var server: Server
    @Argument var scenario: Scenario
    @Option(help: "Of the server on 127.0.0.1; several share the people.") var port: [UInt16]
    @Option var rooms = 1
    @Option(help: "In each room.") var people = 50
    @Option(help: "Chat messages a second over all rooms; 0 for as many as the server can do.") var rate = 0.0
    @Option(help: "Messages of a room that are under way when there is no rate.") var window = 4
    @Option(help: "Of a chat text.") var bytes = 100
    @Option(help: "Before the measured time.") var warmUp = 2.0
    @Option(help: "The measured time, of chat and idle.") var seconds = 10.0
    @Flag(help: "Sign in before the clock of `join` starts.") var prepared = false
    @Flag(help: "Wait for a line on standard input at each step.") var steps = false
    @Option(help: "Parley: the file with the cluster secret.") var secretFile: String?
    @Option(help: "Parley: an origin that it allows.") var origin = "http://localhost:8080"
    @Option(help: "spreed: the URL of its backend.") var backend: String?

    func validate() throws {
        guard rooms > 0, (2...1_000).contains(people), window > 0, bytes >= 18, rate >= 0, seconds > 0 else {
            throw ValidationError("A number is out of range.")
        }
        guard server != .parley || secretFile != nil else { throw ValidationError("Parley needs --secret-file.") }
        guard server != .spreed || backend != nil else { throw ValidationError("spreed needs --backend.") }
        guard server != .nats || scenario != .join else { throw ValidationError("NATS has no roster to wait for.") }
    }

    func run() async throws {
        let everybody = makePeople()
        let dialect = try await makeDialect(everybody)
        let crowd = try Crowd(people: everybody, dialect: dialect, ports: port)
        let pauses = Steps(waits: steps)
        var result =
            switch scenario {
            case .chat:
                try ChatScenario(
                    crowd, plan: .init(rate: rate, window: window, bytes: bytes, warmUp: warmUp, seconds: seconds),
                    steps: pauses
                ).run()
            case .join: try JoinScenario(crowd: crowd, isPrepared: prepared, steps: pauses).run()
            case .idle: try IdleScenario(crowd: crowd, seconds: seconds, steps: pauses).run()
            }
        result.dialect = server.rawValue
        try result.print()
    }

    private func makePeople() -> [Person] {
        let names = (0..<rooms).map { _ in UUID().uuidString.lowercased() }
        return (0..<(rooms * people)).map { number in
            let room = number / people
            return Person(
                number: number, room: room, seat: number % people, roomName: names[room], people: people)
        }
    }

    private func makeDialect(_ everybody: [Person]) async throws -> any Dialect {
        switch server {
        case .parley:
            let tickets = try await Tickets.make(for: everybody, secretFile: secretFile ?? "")
            return ParleyDialect(origin: origin, tickets: tickets)
        case .spreed: return SpreedDialect(backend: backend ?? "")
        case .prosody: return ProsodyDialect()
        case .nats: return NATSDialect()
        }
    }
}
