import Foundation
import ParleyProtocol
import Postgres

/// A webhook that a process works for, for as long as its lease lasts.
struct HeldWebhook: Sendable {
    let id: WebhookID
    let organization: OrganizationID
    let url: String
    let lease: Int64
}

/// What waits for webhooks, in PostgreSQL. Several processes may work side by side: each webhook has one at a time. All throw `PostgresError`.
struct WebhookQueue: Sendable {
    /// In seconds: who has not been heard of for so long is taken for gone. Longer than an attempt and writing down what became of it.
    static let lease = 45
    private static let batch = 1_000
    /// Whether the organization of a `webhook` is disabled.
    private static let isDisabled: SQL =
        "exists (select 1 from organization o where o.id = webhook.organization_id and o.is_disabled)"

    /// How far the changes of a webhook are in its queue.
    struct State: Hashable, Sendable {
        /// Nothing: it needs a snapshot.
        var position: Position?
        /// Messages that are still to be delivered.
        var waiting: Int
        /// The timestamp of the next message: the database's clock, or a millisecond after the message before.
        var nextTimestamp: Date
    }

    struct Position: Hashable, Sendable {
        var epoch: String
        var seq: Int
    }

    /// The first one of a queue.
    struct Letter: Sendable {
        let id: Int64
        let message: WebhookMessageID
        let body: [UInt8]
        /// Of the webhook, as it is now.
        let sealedSecret: [UInt8]
        /// That have failed.
        let attempts: Int
    }

    let pool: PostgresPool

    // MARK: Leases

    /// Webhooks that are due, which nobody else gets now.
    func take(_ count: Int) async throws -> [HeldWebhook] {
        try await pool.query(
            """
            with due as materialized (
                select id from webhook where is_enabled and due_at <= now() and not \(Self.isDisabled)
                order by due_at limit \(count) for update skip locked)
            update webhook set lease = lease + 1, due_at = now() + make_interval(secs => \(Self.lease))
            from due where webhook.id = due.id
            returning webhook.id, organization_id, url, lease
            """
        ).map { row in
            HeldWebhook(
                id: try row.decode("id"), organization: try row.decode("organization_id"), url: try row.decode("url"),
                lease: try row.decode("lease"))
        }
    }

    /// Lets others take it after a pause.
    func release(_ webhook: HeldWebhook, after pause: Duration) async throws {
        try await pool.execute(
            """
            update webhook set due_at = now() + make_interval(secs => \(pause / .seconds(1)))
            where id = \(webhook.id) and lease = \(webhook.lease)
            """)
    }

    // MARK: Into the queue

    /// Nothing when it is not held any more.
    func state(of webhook: HeldWebhook) async throws -> State? {
        try await pool.query(
            """
            select epoch, seq, (
                select count(*) from webhook_letter where webhook_id = webhook.id and died_at is null
            ) as waiting,
                greatest(
                    date_trunc('milliseconds', clock_timestamp()), last_message_at + interval '1 millisecond'
                ) as next_timestamp
            from webhook where id = \(webhook.id) and lease = \(webhook.lease) and is_enabled
            """
        ).first.map { row in
            let epoch: String? = try row.decode("epoch")
            let seq: Int? = try row.decode("seq")
            let position = epoch.flatMap { epoch in seq.map { Position(epoch: epoch, seq: $0) } }
            return State(
                position: position, waiting: try row.decode("waiting"),
                nextTimestamp: try row.decode("next_timestamp"))
        }
    }

    /// Puts messages into the queue, in their order, and notes how far it is now: both, or none when it is not held any more, or is
    /// to begin anew since.
    /// - Parameter state: what the messages follow.
    func put(_ letters: [NewLetter], upTo position: Position, after state: State, for webhook: HeldWebhook) async throws
    {
        try await pool.transaction { connection in
            let held = try connection.execute(
                """
                update webhook set epoch = \(position.epoch), seq = \(position.seq),
                    last_message_at = coalesce(\(letters.last?.timestamp), last_message_at)
                where id = \(webhook.id) and lease = \(webhook.lease) and is_enabled
                    and epoch is not distinct from \(state.position?.epoch)
                    and seq is not distinct from \(state.position?.seq)
                """)
            guard held > 0 else { return }
            for letter in letters {
                try connection.execute(
                    """
                    insert into webhook_letter (webhook_id, message_id, type, events, body)
                    values (\(webhook.id), \(letter.id), \(letter.type), \(letter.events), \(letter.body))
                    """)
            }
        }
    }

    // MARK: Out of the queue

    /// The first one, if it is due, and a new lease for the time that it takes; without one nothing is written. Nothing when the
    /// webhook is not held any more, either.
    func first(of webhook: HeldWebhook) async throws -> Letter? {
        try await pool.query(
            """
            with letter as materialized (
                select id, message_id, body, attempts, due_at from webhook_letter
                where webhook_id = \(webhook.id) and died_at is null order by id limit 1),
            held as (
                update webhook set due_at = now() + make_interval(secs => \(Self.lease)) from letter
                where webhook.id = \(webhook.id) and lease = \(webhook.lease) and is_enabled and letter.due_at <= now()
                    and not \(Self.isDisabled)
                returning secret)
            select id, message_id, body, attempts, secret from letter cross join held
            """
        ).first.map { row in
            Letter(
                id: try row.decode("id"), message: try row.decode("message_id"), body: try row.decode("body"),
                sealedSecret: try row.decode("secret"), attempts: try row.decode("attempts"))
        }
    }

    /// The receiver has it.
    func delivered(_ letter: Letter, to webhook: HeldWebhook) async throws {
        try await pool.transaction { connection in
            try connection.execute("update webhook set last_delivered_at = now() where id = \(webhook.id)")
            try connection.execute("delete from webhook_letter where id = \(letter.id)")
        }
    }

    /// An attempt has failed. Once a message is given up, what comes after it can't be understood without it: the webhook begins anew.
    /// - Parameters:
    ///   - next: after which it is tried again; nothing when it is given up.
    ///   - isGone: whether the receiver wants nothing any more.
    func failed(
        _ letter: Letter, of webhook: HeldWebhook, _ failure: WebhookFailure, next: Duration?, isGone: Bool = false
    ) async throws {
        try await pool.transaction { connection in
            let held = try connection.execute(
                """
                update webhook set last_failed_at = \(failure.at), failure_reason = \(failure.reason),
                    failure_status = \(failure.status), is_enabled = is_enabled and not \(isGone)::boolean
                where id = \(webhook.id) and lease = \(webhook.lease)
                """)
            guard held > 0 else { return }
            let end: SQL =
                next.map { "due_at = now() + make_interval(secs => \($0 / .seconds(1)))" } ?? "died_at = now()"
            try connection.execute(
                """
                update webhook_letter set attempts = attempts + 1, failure_reason = \(failure.reason),
                    failure_status = \(failure.status), \(end)
                where id = \(letter.id)
                """)
            guard next == nil else { return }
            try Self.beginAnew(webhook.id, connection)
            try connection.execute(
                """
                delete from webhook_letter where id in (
                    select id from webhook_letter where webhook_id = \(webhook.id) and died_at is not null
                    order by died_at desc, id desc offset \(Limits.deadLetters))
                """)
        }
    }

    /// Lets everything be told anew, by a snapshot that is made when the webhook is looked at next. Nothing of what waits is sent.
    static func beginAnew(_ webhook: WebhookID, _ connection: isolated PostgresConnection) throws {
        try connection.execute("update webhook set epoch = null, seq = null where id = \(webhook)")
        try connection.execute("delete from webhook_letter where webhook_id = \(webhook) and died_at is null")
    }

    // MARK: All of them

    func counts() async throws -> (waiting: Int, dead: Int) {
        let row = try await pool.query(
            """
            select count(*) filter (where died_at is null) as waiting, count(died_at) as dead from webhook_letter
            """
        ).first
        return (try row?.decode("waiting") ?? 0, try row?.decode("dead") ?? 0)
    }

    /// Forgets dead letters that are too old.
    func removeOld() async throws {
        try await pool.execute(
            """
            delete from webhook_letter where id in (
                select id from webhook_letter
                where died_at < now() - make_interval(days => \(Limits.deadLetterDays)) limit \(Self.batch))
            """)
    }
}
