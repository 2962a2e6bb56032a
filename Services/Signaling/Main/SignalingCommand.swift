import ArgumentParser
import ParleyProtocol
import ServiceKit
import SignalingService

@main
struct SignalingCommand: AsyncParsableCommand {
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
