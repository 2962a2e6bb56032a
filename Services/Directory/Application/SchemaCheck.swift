import Postgres

/// Whether `migrate` has run. What was applied stays applied, so that a good answer holds.
actor SchemaCheck {
    private let database: PostgresConfiguration
    private var isUpToDate = false

    init(_ database: PostgresConfiguration) {
        self.database = database
    }

    func check() async -> Bool {
        if isUpToDate { return true }
        guard let pending = try? await directoryMigrator.pending(database) else { return false }
        isUpToDate = pending.isEmpty
        return isUpToDate
    }
}
