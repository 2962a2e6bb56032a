import Logging
import ParleyProtocol
import Postgres
import ServiceKit

/// Serves until SIGTERM.
public func servePresence() async throws {
    try await runService(.presence) { settings, logger in
        buildPresence(try PresenceSettings(settings), logger: logger)
    }
}

/// Brings the database's schema up to date.
public func migratePresence() async throws {
    try await runProcess(.presence) { settings, logger in
        let database = PresenceSettings.database(settings)
        try settings.finish()
        let applied = try await presenceMigrator.migrate(database)
        logger.info("The schema is up to date", metadata: ["applied": "\(applied.joined(separator: " "))"])
    }
}
