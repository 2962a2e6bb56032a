import Postgres
import TestSupport
import Testing

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
            let id = try #require(
                try await holder.query("select pg_backend_pid() as id").first?.decode("id", as: Int.self))
            async let one = first()
            try await waiting(1, behind: id)
            async let two = second()
            try await waiting(2, behind: id)
            try await holder.execute("commit")
            outcome = .success((try await one, try await two))
        } catch {
            outcome = .failure(error)
        }
        await holder.close()
        return try outcome.get()
    }

    /// Until so many wait for what a session holds, or for each other; without the sweeper, which may be one more.
    private func waiting(_ count: Int, behind holder: Int) async throws {
        try await eventually("\(count) wait") {
            let found: Int? = try await pool.query(
                """
                with recursive blocked as (
                    select pid from pg_stat_activity where \(holder)::integer = any (pg_blocking_pids(pid))
                    union
                    select a.pid from pg_stat_activity a join blocked b on b.pid = any (pg_blocking_pids(a.pid)))
                select count(*)::integer as n from blocked join pg_stat_activity using (pid)
                where query not like '%delete from audit_entry%'
                """
            ).first?.decode("n")
            return found ?? 0 >= count ? nil : "\(found ?? 0) wait"
        }
    }
}
