import Foundation
import ParleyProtocol
import Postgres

/// Deleted accounts in PostgreSQL; a trigger writes them.
struct RemovedAccountStore: Sendable {
    /// Seconds until one is told of. An earlier number may be written later; no transaction of identity takes so long, with a few
    /// statements of 5 s at most and pauses that PostgreSQL ends after 10 s.
    private static let lag = 60
    /// Days that one is remembered. A service that is away for longer keeps what it has.
    private static let kept = 90
    private static let most = 500

    let pool: PostgresPool

    func page(after position: Int64) async throws -> RemovedAccounts {
        let rows = try await pool.query(
            """
            select id, account_id, organization_id from removed_account
            where id > \(position) and at < now() - make_interval(secs => \(Self.lag)) order by id limit \(Self.most)
            """)
        return RemovedAccounts(
            items: try rows.map {
                RemovedAccounts.Item(
                    account: try $0.decode("account_id"), organization: try $0.decode("organization_id"))
            },
            position: try rows.last?.decode("id", as: Int64.self) ?? position, hasMore: rows.count == Self.most)
    }

    func removeOld() async throws {
        try await pool.execute("delete from removed_account where at < now() - make_interval(days => \(Self.kept))")
    }
}
