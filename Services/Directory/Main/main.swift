import ArgumentParser
import DirectoryService
import ServiceKit

struct Directory: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "directory", abstract: "The directory of meeting rooms, and entry to them.",
        subcommands: [Serve.self, Migrate.self], defaultSubcommand: Serve.self)
}

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serves until SIGTERM.")

    func run() async throws {
        try await runService(.directory) { settings, logger in
            DirectoryApplication.build(try DirectorySettings(settings), logger: logger).serviceGroup()
        }
    }
}

struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Brings the database's schema up to date.")

    func run() async throws {
        try await runProcess(.directory) { settings, logger in
            let database = DirectorySettings.database(settings)
            try settings.finish()
            let applied = try await directoryMigrator.migrate(database)
            logger.info("The schema is up to date", metadata: ["applied": "\(applied.joined(separator: " "))"])
        }
    }
}

await Directory.main()
