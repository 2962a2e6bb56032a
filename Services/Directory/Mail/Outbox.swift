import Foundation
import ParleyProtocol
import Postgres
import ServiceKit

/// Where mail is put in the transaction of what it tells of: both come about, or none.
struct Outbox: Sendable {
    /// What a mail is to those who know of its topic.
    enum Kind: Sendable {
        /// Tells of it for the first time, as far as the sender knows.
        case first
        /// Says what has changed.
        case later
        /// Takes it back: of no use to somebody who has not heard of it.
        case last
    }

    /// Whose mail it is, and what about.
    struct Cause: Sendable {
        var organization: OrganizationID
        /// Absent: the service itself.
        var account: AccountID?
        /// Whether it counts for what an account may send in a day; then it was charged before.
        var isCounted: Bool
        /// A newer mail to the same person about the same takes the place of one that waits.
        var topic: String?
        var kind = Kind.later
        /// The room to which it leads: with it the mail is dropped. Absent: it goes all the same.
        var room: RoomID?
    }

    let vault: LetterVault
    /// Recipients in a day, per account.
    var dailyLimit = Limits.mailsPerDay

    /// Counted ones are charged before. What waits of the same topic is replaced; who has not heard of it yet is not told that nothing
    /// comes of it.
    func put(
        _ letters: [(recipient: String, letter: Letter)], _ cause: Cause, _ connection: isolated PostgresConnection
    ) throws {
        guard !letters.isEmpty else { return }
        var replaced: [String: Bool] = [:]
        if let topic = cause.topic { replaced = try replace(topic, letters.map(\.recipient), connection) }
        for (recipient, letter) in letters {
            let hasHeardNothing = replaced[recipient] ?? (cause.kind == .first)
            if cause.kind == .last, hasHeardNothing { continue }
            let id = UUID()
            try connection.execute(
                """
                insert into mail (id, organization_id, account_id, recipient, topic, letter, is_counted, room_id, is_first)
                values (\(id), \(cause.organization), \(cause.account), \(recipient), \(cause.topic),
                    \(try vault.seal(letter, mail: id)), \(cause.isCounted), \(cause.room), \(hasHeardNothing))
                """)
        }
    }

    /// What leads to a room that is deleted in this transaction, and waits, is not sent.
    func drop(room: RoomID, _ connection: isolated PostgresConnection) throws {
        try connection.execute(
            """
            update mail set state = 'dropped', letter = null, finished_at = now()
            where room_id = \(room) and state = 'waiting'
            """)
    }

    /// Counts mails that are put in the same transaction for what an account may send in a day.
    /// - Parameter mayExceed: they may be more than are left, if any are left. So what was built up in many days can be changed in one.
    /// - Throws: 429 when it is too much; then nothing must be put.
    func charge(
        _ count: Int, to account: AccountID, mayExceed: Bool = false, _ connection: isolated PostgresConnection
    ) throws {
        guard count > 0 else { return }
        // One after the other, so that two at once don't both find room.
        try connection.execute("select pg_advisory_xact_lock(hashtextextended(\(account), 5))")
        let rows = try connection.query(
            """
            select count(*) as count,
                coalesce(extract(epoch from min(created_at) + interval '1 day' - now()), 0)::bigint as wait
            from mail where account_id = \(account) and is_counted and created_at > now() - interval '1 day'
            """)
        let used = try rows.first?.decode("count", as: Int.self) ?? 0
        guard mayExceed ? used < dailyLimit : used + count <= dailyLimit else {
            let wait = try rows.first?.decode("wait", as: Int.self) ?? 0
            throw ProblemError.tooManyRequests(retryAfter: .seconds(max(60, wait)))
        }
    }

    /// One that is just being sent goes its way: the file in it has a number, by which calendars know the newer one.
    /// - Returns: for those to whom something waited, whether they have heard nothing of the topic.
    private func replace(
        _ topic: String, _ recipients: [String], _ connection: isolated PostgresConnection
    ) throws -> [String: Bool] {
        let rows = try connection.query(
            """
            update mail set state = 'replaced', letter = null, finished_at = now()
            where topic = \(topic) and recipient = any(\(recipients)::text[]) and state = 'waiting'
            returning recipient, is_first and not may_have_arrived as has_heard_nothing
            """)
        return try rows.reduce(into: [:]) { heard, row in
            let recipient = try row.decode("recipient", as: String.self)
            let hasHeardNothing = try row.decode("has_heard_nothing", as: Bool.self)
            heard[recipient] = heard[recipient] != false && hasHeardNothing
        }
    }
}
