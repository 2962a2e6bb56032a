import Foundation
import ParleyProtocol
import Postgres

/// The mails that wait, for those who send them. Several processes may take from it side by side.
struct MailQueue: Sendable {
    /// In seconds: after it a mail that was taken and of which nothing was heard is due again. Longer than sending one may take.
    static let lease = 240
    /// For how long it is known what became of a mail.
    static let keptDays = 30
    private static let batch = 1_000

    /// One that was taken to be sent.
    struct Item: Sendable {
        var id: UUID
        var organization: OrganizationID
        var account: AccountID?
        var recipient: String
        var sealed: [UInt8]
        /// This one included. Nobody else writes down what became of it.
        var attempts: Int
        /// Seconds since it was put into the outbox, and when that was.
        var age: Int
        var createdAt: Date
        /// Whether the mail server may have had it in an attempt before.
        var mayHaveArrived: Bool
    }

    enum Outcome: Sendable {
        case sent
        case failed(String)
        /// In so many seconds once more.
        case again(Int, String, mayHaveArrived: Bool = false)
    }

    let pool: PostgresPool

    /// Takes the mail that is due for the longest time, if there is one. No connection is held while it is sent.
    func take() async throws -> Item? {
        try await pool.query(
            """
            with due as materialized (
                select id, may_have_arrived from mail where state = 'waiting' and due_at <= now()
                order by due_at limit 1 for update skip locked)
            update mail set attempts = attempts + 1, due_at = now() + make_interval(secs => \(Self.lease)),
                may_have_arrived = true
            from due where mail.id = due.id
            returning mail.id, organization_id, account_id, recipient, letter, attempts, created_at, due.may_have_arrived,
                extract(epoch from now() - created_at)::bigint as age
            """
        ).first.map { row in
            Item(
                id: try row.decode("id"), organization: try row.decode("organization_id"),
                account: try row.decode("account_id"), recipient: try row.decode("recipient"),
                sealed: try row.decode("letter"), attempts: try row.decode("attempts"), age: try row.decode("age"),
                createdAt: try row.decode("created_at"), mayHaveArrived: try row.decode("may_have_arrived"))
        }
    }

    /// Writes down what became of it, unless it was taken by somebody else or replaced in the meantime.
    func note(_ outcome: Outcome, of item: Item) async throws {
        let change: SQL =
            switch outcome {
            case .sent: "state = 'sent', letter = null, finished_at = now(), last_error = null"
            case .failed(let error): "state = 'failed', letter = null, finished_at = now(), last_error = \(error)"
            case .again(let pause, let error, let mayHaveArrived):
                """
                due_at = now() + make_interval(secs => \(pause)), last_error = \(error),
                may_have_arrived = \(item.mayHaveArrived || mayHaveArrived)
                """
            }
        try await pool.execute(
            "update mail set \(change) where id = \(item.id) and state = 'waiting' and attempts = \(item.attempts)")
    }

    func waiting() async throws -> Int {
        try await pool.query("select count(*) as count from mail where state = 'waiting'").first?.decode("count") ?? 0
    }

    /// Forgets those of which nothing more comes.
    func removeOld() async throws {
        try await pool.execute(
            """
            delete from mail where id in (
                select id from mail where finished_at < now() - make_interval(days => \(Self.keptDays))
                limit \(Self.batch))
            """)
    }
}
