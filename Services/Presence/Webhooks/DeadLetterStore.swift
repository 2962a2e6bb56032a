import Foundation
import ParleyProtocol
import Postgres

/// Messages that were given up, of one webhook. All throw `PostgresError`.
struct DeadLetterStore: Sendable {
    private static let columns: SQL =
        "id, message_id, type, events, created_at, died_at, attempts, failure_reason, failure_status"

    let pool: PostgresPool

    /// The newest first.
    /// - Parameter position: where the page before ended.
    func page(of webhook: WebhookID, before position: Int64?, limit: Int) async throws -> DeadLetterList {
        let rows = try await pool.query(
            """
            select \(Self.columns) from webhook_letter
            where webhook_id = \(webhook) and died_at is not null and id < \(position ?? .max)
            order by id desc limit \(limit + 1)
            """)
        let shown = rows.prefix(limit)
        let items = try shown.map(Self.item)
        guard rows.count > limit, let last = shown.last else { return DeadLetterList(items: items) }
        return DeadLetterList(items: items, nextCursor: String(try last.decode("id", as: Int64.self)))
    }

    func letter(_ id: WebhookMessageID, of webhook: WebhookID) async throws -> DeadLetter? {
        try await pool.query(
            """
            select \(Self.columns), body from webhook_letter
            where webhook_id = \(webhook) and message_id = \(id) and died_at is not null
            """
        ).first.map { row in
            DeadLetter(
                letter: try Self.item(row),
                body: String(decoding: try row.decode("body", as: [UInt8].self), as: UTF8.self))
        }
    }

    /// Lets the receiver be told everything anew, instead of one message that was given up, or of all. As they were they would tell
    /// what may not be true any more; a snapshot holds what they held.
    /// - Returns: how many it takes the place of; without any nothing happens. Nothing for a webhook that is disabled.
    func replace(_ id: WebhookMessageID? = nil, of webhook: WebhookID) async throws -> Int? {
        let one: SQL = id.map { "and message_id = \($0)" } ?? ""
        return try await pool.transaction { connection in
            let rows = try connection.query("select is_enabled from webhook where id = \(webhook) for no key update")
            guard let row = rows.first, try row.decode("is_enabled") else { return nil }
            let replaced = try connection.execute(
                "delete from webhook_letter where webhook_id = \(webhook) and died_at is not null \(one)")
            if replaced > 0 { try WebhookQueue.beginAnew(webhook, connection) }
            return replaced
        }
    }

    private static func item(_ row: PostgresRow) throws -> DeadLetterList.Item {
        let failedAt: Date = try row.decode("died_at")
        return DeadLetterList.Item(
            id: try row.decode("message_id"), type: try row.decode("type"), events: try row.decode("events"),
            createdAt: try row.decode("created_at"), failedAt: failedAt, attempts: try row.decode("attempts"),
            lastFailure: try WebhookStore.failure(at: failedAt, row))
    }
}
