import Foundation
import ParleyProtocol
import Postgres

/// Audit entries in PostgreSQL. They are written in the transaction of what they tell of, and never changed.
struct AuditStore: Sendable {
    private static let sweepBatch = 1_000

    let pool: PostgresPool

    static func record(_ entry: AuditEntry, _ connection: isolated PostgresConnection) throws {
        let detail = String(decoding: try JSONEncoder().encode(entry.detail), as: UTF8.self)
        try connection.execute(
            """
            insert into audit_entry (organization_id, action, actor, actor_account_id, source, subject,
                subject_account_id, detail)
            values (\(entry.organization), \(entry.action), \(entry.actor.name), \(entry.actor.account),
                \(entry.actor.source), \(entry.subject), \(entry.subjectAccount), \(detail)::jsonb)
            """)
    }

    func record(_ entry: AuditEntry) async throws {
        try await pool.transaction { connection in try Self.record(entry, connection) }
    }

    /// The newest first.
    /// - Parameter position: where the page before ended.
    func page(of organization: OrganizationID, before position: Int64?, limit: Int) async throws -> AuditList {
        let rows = try await pool.query(
            """
            select \(raw: Self.columns) from audit_entry
            where organization_id = \(organization) and id < \(position ?? .max)
            order by id desc limit \(limit + 1)
            """)
        let shown = rows.prefix(limit)
        let items = try shown.map(Self.entry)
        guard rows.count > limit, let last = shown.last else { return AuditList(items: items) }
        return AuditList(items: items, nextCursor: String(try last.decode("id", as: Int64.self)))
    }

    /// What an account did and what was done to it, the newest first.
    func entries(about account: AccountID, limit: Int = 10_000) async throws -> [AuditList.Entry] {
        try await pool.query(
            """
            select \(raw: Self.columns) from audit_entry
            where actor_account_id = \(account) or subject_account_id = \(account) order by id desc limit \(limit)
            """
        ).map(Self.entry)
    }

    /// - Parameter days: at least 30; younger ones are not given up.
    /// - Returns: how many were removed.
    func remove(olderThan days: Int) async throws -> Int {
        try await pool.execute(
            """
            delete from audit_entry where id in
                (select id from audit_entry where at < now() - make_interval(days => \(max(30, days)))
                 limit \(Self.sweepBatch))
            """)
    }

    private static let columns: StaticString =
        "id, at, action, actor, actor_account_id, source, subject, subject_account_id, detail::text as detail"

    private static func entry(_ row: PostgresRow) throws -> AuditList.Entry {
        let detail = Data(try row.decode("detail", as: String.self).utf8)
        return AuditList.Entry(
            at: try row.decode("at"), action: try row.decode("action"), actor: try row.decode("actor"),
            actorAccount: try row.decode("actor_account_id"), source: try row.decode("source"),
            subject: try row.decode("subject"), subjectAccount: try row.decode("subject_account_id"),
            detail: (try? JSONDecoder().decode([String: String].self, from: detail)) ?? [:])
    }
}
