import Foundation
import ParleyProtocol
import Postgres

/// What other services must hear of while tokens of before would still be good, in PostgreSQL.
struct RevocationStore: Sendable {
    /// Seconds that an answer reaches back before what was asked for: a transaction that has ended by now may have written an
    /// earlier time. No statement of identity takes so long.
    private static let overlap = 15
    /// Seconds that matter to who asks for the first time: longer than any token lives, with the differences of clocks.
    private static let recent = Limits.accessToken + 120
    /// Seconds. Seats live as long as their sessions, and may have to be ended by a process that could not ask for hours.
    private static let kept = Limits.persistentSession

    /// Of one page.
    private static let most = 10_000

    let pool: PostgresPool

    /// - Parameters:
    ///   - since: `now` of an earlier answer; nothing for all that may matter.
    ///   - cursor: of the page before. Rows written meanwhile may be missed there: the next answer reaches back for them.
    func list(since: Date?, after cursor: Int64? = nil) async throws -> RevocationList {
        try await pool.transaction { connection in
            let now = try connection.query("select clock_timestamp() as now").first?.decode("now", as: Date.self)
            let rows = try connection.query(
                """
                select id, session_id, account_id, generation from revocation
                where at > coalesce(
                    \(since)::timestamptz - make_interval(secs => \(Self.overlap)),
                    now() - make_interval(secs => \(Self.recent)))
                    and id > \(cursor ?? 0)
                order by id limit \(Self.most)
                """)
            var list = RevocationList(sessions: [], accounts: [], now: now ?? .now)
            for row in rows {
                if let session = try row.decode("session_id", as: SessionID?.self) { list.sessions.append(session) }
                if let account = try row.decode("account_id", as: AccountID?.self) {
                    list.accounts.append(.init(account: account, generation: try row.decode("generation")))
                }
            }
            if rows.count == Self.most, let last = try rows.last?.decode("id", as: Int64.self) {
                list.nextCursor = "\(last)"
            }
            return list
        }
    }

    /// Removes what no token can need any more.
    func removeOld() async throws {
        try await pool.execute(
            "delete from revocation where at < now() - make_interval(secs => \(Self.kept + Self.overlap))")
    }
}
