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

    /// A letter to somebody.
    struct Addressed {
        var recipient: String
        var letter: Letter
        /// Instead, for somebody who has heard nothing of the topic yet.
        var introduction: (() throws -> Letter)?
    }

    let vault: LetterVault
    /// Recipients in a day, per account.
    var dailyLimit = Limits.mailsPerDay

    /// Counted ones are charged before. What waits of the same topic is replaced; who has not heard of it yet gets the introduction,
    /// and is not told that nothing comes of it.
    /// - Parameter delay: seconds until the first attempt.
    func put(
        _ letters: [Addressed], _ cause: Cause, delay: Int = 0, _ connection: isolated PostgresConnection
    ) throws {
        guard !letters.isEmpty else { return }
        var unheard: [String: Bool] = [:]
        if let topic = cause.topic { unheard = try replace(topic, letters.map(\.recipient), connection) }
        for addressed in letters {
            let hasHeardNothing = unheard[addressed.recipient.lowercased()] ?? (cause.kind == .first)
            if cause.kind == .last, hasHeardNothing { continue }
            let letter = hasHeardNothing ? try addressed.introduction?() ?? addressed.letter : addressed.letter
            let id = UUID()
            try connection.execute(
                """
                insert into mail
                    (id, organization_id, account_id, recipient, topic, letter, is_counted, room_id, is_first, due_at)
                values (\(id), \(cause.organization), \(cause.account), \(addressed.recipient), \(cause.topic),
                    \(try vault.seal(letter, mail: id)), \(cause.isCounted), \(cause.room), \(hasHeardNothing),
                    now() + make_interval(secs => \(delay)))
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
    /// - Throws: 429 when it is too much; then nothing must be put.
    func charge(_ count: Int, to account: AccountID, _ connection: isolated PostgresConnection) throws {
        let wait = try wait(for: count, by: account, connection)
        guard wait == 0 else { throw ProblemError.tooManyRequests(retryAfter: .seconds(wait)) }
    }

    /// Counts mails that were charged and are not sent, because one to the same person goes already.
    func count(_ spared: Int, _ cause: Cause, _ connection: isolated PostgresConnection) throws {
        guard spared > 0 else { return }
        try connection.execute(
            """
            insert into mail
                (id, organization_id, account_id, recipient, is_counted, room_id, state, finished_at)
            select gen_random_uuid(), \(cause.organization), \(cause.account), '', true, \(cause.room), 'replaced', now()
            from generate_series(1, \(spared))
            """)
    }

    /// - Returns: seconds until so many more may be sent, as far as is known now; 0: at once. To be asked in the transaction that puts
    ///   them.
    func wait(
        for count: Int, by account: AccountID, _ connection: isolated PostgresConnection
    ) throws -> Int {
        guard count > 0 else { return 0 }
        // One after the other, so that two at once don't both find room.
        try connection.execute("select pg_advisory_xact_lock(hashtextextended(\(account), 5))")
        let rows = try connection.query(
            """
            select count(*) as count,
                coalesce(extract(epoch from min(created_at) + interval '1 day' - now()), 0)::bigint as wait
            from mail where account_id = \(account) and is_counted and created_at > now() - interval '1 day'
            """)
        let used = try rows.first?.decode("count", as: Int.self) ?? 0
        guard used + count > dailyLimit else { return 0 }
        return max(60, try rows.first?.decode("wait", as: Int.self) ?? 0)
    }

    /// One that is just being sent goes its way: the file in it has a number, by which calendars know the newer one.
    /// - Returns: for those to whom something was put lately, in lower case, whether they have heard nothing of the topic: each mail was
    ///   to be the first, and none can have arrived.
    private func replace(
        _ topic: String, _ recipients: [String], _ connection: isolated PostgresConnection
    ) throws -> [String: Bool] {
        let recipients = recipients.map { $0.lowercased() }
        try connection.execute(
            """
            update mail set state = 'replaced', letter = null, finished_at = now()
            where topic = \(topic) and lower(recipient) = any(\(recipients)::text[]) and state = 'waiting'
            """)
        let rows = try connection.query(
            """
            select lower(recipient) as recipient,
                bool_and(is_first and not may_have_arrived and state <> 'sent') as has_heard_nothing
            from mail where topic = \(topic) and lower(recipient) = any(\(recipients)::text[])
            group by lower(recipient)
            """)
        return try rows.reduce(into: [:]) { unheard, row in
            unheard[try row.decode("recipient")] = try row.decode("has_heard_nothing", as: Bool.self)
        }
    }
}
