import ArgumentParser
import ParleyProtocol
import PresenceService
import ServiceKit

@main
struct PresenceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "presence", abstract: "Who is available, and who is busy in a meeting.", subcommands: [Serve.self],
        defaultSubcommand: Serve.self)
}

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serves until SIGTERM.")

    func run() async throws {
        try await runService(.presence) { settings, logger in
            try buildPresence(PresenceSettings(settings), logger: logger)
        }
    }
}
