import ArgumentParser
import ServiceKit
import SignalingService

struct Signaling: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "signaling", abstract: "Seats, roster, chat and the control of media.",
        subcommands: [Serve.self], defaultSubcommand: Serve.self)
}

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serves until SIGTERM.")

    func run() async throws {
        try await runService(.signaling) { settings, logger in
            buildSignaling(try SignalingSettings(settings), logger: logger)
        }
    }
}

await Signaling.main()
