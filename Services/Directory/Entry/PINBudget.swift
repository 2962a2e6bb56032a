import Foundation
import ParleyProtocol
import Postgres

/// How many wrong PINs a room allows, from everywhere together: `perHour`, of which `atOnce` may come in one moment. In PostgreSQL, so
/// that nothing that restarts gives a new budget.
///
/// The generic cell rate algorithm (ITU-T I.371, annex A): one time is kept, at which the next guess would be on time.
struct PINBudget: Sendable {
    static let perHour = 100
    static let atOnce = 15

    let pool: PostgresPool

    /// Takes one wrong PIN from the budget.
    /// - Parameter key: the room and its PIN; see `PINVault.budgetKey`.
    /// - Returns: `nil` when it was within the budget, else the seconds until there is one again.
    func take(_ key: [UInt8]) async throws -> Int? {
        let taken = try await pool.query(
            """
            insert into pin_budget (key, next_at) values (\(key), now() + \(Self.interval))
            on conflict (key) do update
            set next_at = greatest(now(), \(Self.due)) + \(Self.interval)
            where \(Self.due) <= now() + \(Self.tolerance)
            returning 1
            """)
        return taken.isEmpty ? try await wait(key) ?? 1 : nil
    }

    /// As `take`, without taking any.
    func wait(_ key: [UInt8]) async throws -> Int? {
        let seconds =
            try await pool.query(
                """
                select ceil(extract(epoch from \(Self.due) - \(Self.tolerance) - now()))::integer as seconds
                from pin_budget where key = \(key)
                """
            ).first?.decode("seconds", as: Int.self) ?? 0
        return seconds > 0 ? seconds : nil
    }

    /// Those that are as good as new.
    func removeOld() async throws {
        try await pool.execute("delete from pin_budget where next_at < now()")
    }

    private static var interval: SQL { "make_interval(secs => \(3_600 / perHour))" }
    private static var tolerance: SQL { "make_interval(secs => \(3_600 / perHour * (atOnce - 1)))" }
    /// Never further away than a full budget's worth, also when the clock was set back.
    private static var due: SQL {
        "least(pin_budget.next_at, now() + make_interval(secs => \(3_600 / perHour * atOnce)))"
    }
}
