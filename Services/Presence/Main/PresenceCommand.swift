import ArgumentParser
import PresenceService

@main
struct PresenceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "presence", abstract: "Who is available, and who is busy in a meeting.",
        subcommands: [Serve.self, Migrate.self, WebhookCommand.self], defaultSubcommand: Serve.self)
}

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serves until SIGTERM.")

    func run() async throws {
        try await servePresence()
    }
}

struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Brings the database's schema up to date.")

    func run() async throws {
        try await migratePresence()
    }
}
