import Logging
import ParleyProtocol
import Postgres
import ServiceKit

/// Serves until SIGTERM.
public func serveDirectory() async throws {
    try await runService(.directory) { settings, logger in
        DirectoryApplication.build(try DirectorySettings(settings), logger: logger).serviceGroup()
    }
}

/// Brings the database's schema up to date.
public func migrateDirectory() async throws {
    try await runProcess(.directory) { settings, logger in
        let database = DirectorySettings.database(settings)
        try settings.finish()
        let applied = try await directoryMigrator.migrate(database)
        logger.info("The schema is up to date", metadata: ["applied": "\(applied.joined(separator: " "))"])
    }
}
