import Foundation
import ParleyProtocol
import Postgres

/// A webhook as the operator sees it.
struct StoredWebhook: Hashable, Sendable {
    var id: WebhookID
    var organization: OrganizationID
    var name: String
    var url: String
    var isEnabled: Bool
}

/// The webhooks themselves, in PostgreSQL. All throw `PostgresError`.
struct WebhookStore: Sendable {
    let pool: PostgresPool

    // MARK: For the operator

    func add(_ webhook: StoredWebhook, sealedSecret: [UInt8]) async throws {
        try await pool.execute(
            """
            insert into webhook (id, organization_id, name, url, secret)
            values (\(webhook.id), \(webhook.organization), \(webhook.name), \(webhook.url), \(sealedSecret))
            """)
    }

    func all() async throws -> [StoredWebhook] {
        try await pool.query(
            "select id, organization_id, name, url, is_enabled from webhook order by organization_id, created_at, id"
        ).map { row in
            StoredWebhook(
                id: try row.decode("id"), organization: try row.decode("organization_id"),
                name: try row.decode("name"), url: try row.decode("url"), isEnabled: try row.decode("is_enabled"))
        }
    }

    /// With everything that waits for it. All of these: whether there was such a webhook.
    func remove(_ id: WebhookID) async throws -> Bool {
        try await pool.execute("delete from webhook where id = \(id)") > 0
    }

    func setSecret(_ sealed: [UInt8], of id: WebhookID) async throws -> Bool {
        try await pool.execute("update webhook set secret = \(sealed) where id = \(id)") > 0
    }

    /// Begins anew, with a snapshot; nothing of what waited before is sent.
    func enable(_ id: WebhookID) async throws -> Bool {
        try await pool.transaction { connection in
            let found = try connection.execute(
                """
                update webhook set is_enabled = true, due_at = now(), lease = lease + 1 where id = \(id)
                """)
            try WebhookQueue.beginAnew(id, connection)
            return found > 0
        }
    }

    // MARK: For an organization's administrators

    func list(of organization: OrganizationID) async throws -> [WebhookList.Item] {
        try await pool.query(
            """
            select id, name, url, created_at, is_enabled, last_delivered_at, last_failed_at, failure_reason,
                failure_status, counts.waiting, counts.dead
            from webhook cross join lateral (
                select count(*) filter (where died_at is null) as waiting, count(died_at) as dead
                from webhook_letter where webhook_id = webhook.id) counts
            where organization_id = \(organization) order by created_at, id
            """
        ).map { row in
            let failedAt: Date? = try row.decode("last_failed_at")
            return WebhookList.Item(
                id: try row.decode("id"), name: try row.decode("name"),
                url: WebhookAddress.shown(try row.decode("url")), createdAt: try row.decode("created_at"),
                isEnabled: try row.decode("is_enabled"), waiting: try row.decode("waiting"),
                deadLetters: try row.decode("dead"), lastDeliveredAt: try row.decode("last_delivered_at"),
                lastFailure: try failedAt.map { try Self.failure(at: $0, row) })
        }
    }

    func exists(_ id: WebhookID, in organization: OrganizationID) async throws -> Bool {
        try await !pool.query("select 1 from webhook where id = \(id) and organization_id = \(organization)").isEmpty
    }

    static func failure(at time: Date, _ row: PostgresRow) throws -> WebhookFailure {
        WebhookFailure(
            at: time, reason: try row.decode("failure_reason"), status: try row.decode("failure_status"))
    }
}
