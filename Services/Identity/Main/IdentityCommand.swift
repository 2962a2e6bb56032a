import ArgumentParser
import IdentityService
import ParleyProtocol
import ServiceKit

@main
struct IdentityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "identity", abstract: "Organizations, accounts, sessions and tokens.",
        subcommands: [
            Serve.self, Migrate.self, OrganizationCommand.self, AccountCommand.self, ConnectionCommand.self,
            KeysCommand.self,
            AuditCommand.self,
        ],
        defaultSubcommand: Serve.self)
}

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serves until SIGTERM.")

    func run() async throws {
        try await runService(.identity) { settings, logger in
            try await buildIdentity(IdentitySettings(settings), logger: logger).serviceGroup()
        }
    }
}

struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Brings the database's schema up to date.")

    func run() async throws {
        try await runCommand { settings, _ in
            let database = DatabaseSettings.read(settings)
            try settings.finish()
            let applied = try await Administration.migrate(database)
            return applied.isEmpty ? "The schema is up to date." : "Applied \(applied.joined(separator: ", "))."
        }
    }
}
