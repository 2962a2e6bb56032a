import Postgres

/// Whether `migrate` has run. What was applied stays applied, so that a good answer holds.
public actor SchemaCheck {
    private let migrator: Migrator
    private let database: PostgresConfiguration
    private var isUpToDate = false

    public init(_ migrator: Migrator, _ database: PostgresConfiguration) {
        self.migrator = migrator
        self.database = database
    }

    public func check() async -> Bool {
        if isUpToDate { return true }
        guard let pending = try? await migrator.pending(database) else { return false }
        isUpToDate = pending.isEmpty
        return isUpToDate
    }
}
