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
            insert into audit_entry (organization_id, action, actor, actor_account_id, source, room_id, room_name, detail)
            values (\(entry.organization), \(entry.action), \(entry.actor.name), \(entry.actor.account),
                \(entry.actor.source), \(entry.room), \(entry.roomName), \(detail)::jsonb)
            """)
    }

    /// The newest first.
    /// - Parameter position: where the page before ended.
    func page(of organization: OrganizationID, before position: Int64?, limit: Int) async throws -> AuditList {
        let rows = try await pool.query(
            """
            select id, at, action, actor, actor_account_id, source, room_id, room_name, detail::text as detail
            from audit_entry where organization_id = \(organization) and id < \(position ?? .max)
            order by id desc limit \(limit + 1)
            """)
        let shown = rows.prefix(limit)
        let items = try shown.map(Self.entry)
        guard rows.count > limit, let last = shown.last else { return AuditList(items: items) }
        return AuditList(items: items, nextCursor: String(try last.decode("id", as: Int64.self)))
    }

    /// - Parameter days: at least 30; younger ones are not given up.
    /// - Returns: how many were removed.
    func remove(olderThan days: Int) async throws -> Int {
        try await pool.execute(
            """
            delete from audit_entry where id in
                (select id from audit_entry where at < now() - make_interval(days => \(max(30, days))) and \(TrustedClock.holds)
                 limit \(Self.sweepBatch))
            """)
    }

    private static func entry(_ row: PostgresRow) throws -> AuditList.Entry {
        var detail =
            (try? JSONDecoder().decode(
                [String: String].self, from: Data(try row.decode("detail", as: String.self).utf8))) ?? [:]
        detail["room"] = try row.decode("room_id", as: RoomID.self).rawValue
        return AuditList.Entry(
            at: try row.decode("at"), action: try row.decode("action"), actor: try row.decode("actor"),
            actorAccount: try row.decode("actor_account_id"), source: try row.decode("source"),
            subject: try row.decode("room_name"), subjectAccount: nil, detail: detail)
    }
}
