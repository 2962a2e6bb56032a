import Postgres
import TestSupport

@testable import DirectoryService

extension Harness {
    /// Begins `second` when `first` has done all but the end of its transaction, which it reaches when `second` waits for it.
    /// - Parameter first: writes to the audit in the end.
    func atOnce<First: Sendable, Second: Sendable>(
        _ first: @escaping @Sendable () async throws -> First, _ second: @escaping @Sendable () async throws -> Second
    ) async throws -> (First, Second) {
        let holder = try await PostgresConnection.connect(settings.database)
        let outcome: Result<(First, Second), any Error>
        do {
            try await holder.execute("begin")
            try await holder.execute("lock table audit_entry in exclusive mode")
            async let one = first()
            try await waiting(1)
            async let two = second()
            try await waiting(2)
            try await holder.execute("commit")
            outcome = .success((try await one, try await two))
        } catch {
            outcome = .failure(error)
        }
        await holder.close()
        return try outcome.get()
    }

    /// Until so many wait for a lock in the database.
    private func waiting(_ count: Int) async throws {
        try await eventually("\(count) wait") {
            let found: Int? = try await pool.query(
                """
                select count(*)::integer as n from pg_stat_activity
                where datname = current_database() and wait_event_type = 'Lock'
                """
            ).first?.decode("n")
            // The sweeper may be one more.
            return found ?? 0 >= count ? nil : "\(found ?? 0) wait"
        }
    }
}
