import Foundation
import ParleyProtocol
import Postgres
import ServiceKit

/// Where mail is put in the transaction of what it tells of: both come about, or none.
struct Outbox: Sendable {
    /// Whose mail it is.
    struct Cause: Sendable {
        var organization: OrganizationID
        /// Absent: the service itself.
        var account: AccountID?
        /// Whether it counts for what an account may send in a day.
        var isCounted: Bool
        /// A newer mail to the same person about the same takes the place of one that waits.
        var topic: String?
    }

    let vault: LetterVault
    /// Recipients in a day, per account.
    var dailyLimit = Limits.mailsPerDay

    /// - Throws: 429 when the account has sent so much in a day; then nothing is put.
    func put(
        _ letters: [(recipient: String, letter: Letter)], _ cause: Cause, _ connection: isolated PostgresConnection
    ) throws {
        guard !letters.isEmpty else { return }
        if cause.isCounted, let account = cause.account { try check(letters.count, account, connection) }
        for (recipient, letter) in letters {
            if let topic = cause.topic { try replace(topic, recipient, connection) }
            let id = UUID()
            try connection.execute(
                """
                insert into mail (id, organization_id, account_id, recipient, topic, letter, is_counted)
                values (\(id), \(cause.organization), \(cause.account), \(recipient), \(cause.topic),
                    \(try vault.seal(letter, mail: id)), \(cause.isCounted))
                """)
        }
    }

    private func check(_ count: Int, _ account: AccountID, _ connection: isolated PostgresConnection) throws {
        // One after the other, so that two at once don't both find room.
        try connection.execute("select pg_advisory_xact_lock(hashtextextended(\(account), 5))")
        let rows = try connection.query(
            """
            select count(*) as count,
                coalesce(extract(epoch from min(created_at) + interval '1 day' - now()), 0)::bigint as wait
            from mail where account_id = \(account) and is_counted and created_at > now() - interval '1 day'
            """)
        guard let row = rows.first, try row.decode("count", as: Int.self) + count <= dailyLimit else {
            let wait = try rows.first?.decode("wait", as: Int.self) ?? 0
            throw ProblemError.tooManyRequests(retryAfter: .seconds(max(60, wait)))
        }
    }

    /// One that is just being sent goes its way: the file in it has a number, by which calendars know the newer one.
    private func replace(_ topic: String, _ recipient: String, _ connection: isolated PostgresConnection) throws {
        try connection.execute(
            """
            update mail set state = 'replaced', letter = null, finished_at = now()
            where topic = \(topic) and recipient = \(recipient) and state = 'waiting'
            """)
    }
}
