import Foundation
import ParleyProtocol
import Postgres

/// Bans in PostgreSQL, and their entries in the audit.
struct BanStore: Sendable {
    /// Of one room. The oldest ones of guests go first.
    static let most = 500
    /// Hours that guests from one source stay out.
    private static let guestHours = 24

    let pool: PostgresPool

    // MARK: Reading

    /// Whether the person stays out: by the account, or as a guest by where they come from. Who has signed in is known by the account,
    /// so that a whole office behind one address is not kept out with one of its people.
    func isBanned(_ account: AccountID?, source: String, in room: RoomID) async throws -> Bool {
        let isMeant: SQL =
            account.map { "account_id = \($0)" }
            ?? "((source = \(source) and until > now()) or (guest_source = \(source) and guest_until > now()))"
        return try await !pool.query("select 1 from ban where room_id = \(room) and \(isMeant)").isEmpty
    }

    /// The newest first.
    func list(of room: RoomID) async throws -> BanList {
        let rows = try await pool.query(
            """
            select id, name, account_id is null as is_guest, banned_by, banned_at, until from ban
            where room_id = \(room) and (until is null or until > now()) order by banned_at desc, id limit \(Self.most)
            """)
        return BanList(
            items: try rows.map { row in
                BanList.Item(
                    id: try row.decode("id"), name: try row.decode("name"), guest: try row.decode("is_guest"),
                    bannedBy: try row.decode("banned_by"), bannedAt: try row.decode("banned_at"),
                    until: try row.decode("until"))
            })
    }

    // MARK: Changing

    /// Whoever is banned already stays so, for guests from now on.
    /// - Returns: Whether there is such a room.
    func add(_ ban: Ban, in room: RoomID) async throws -> Bool {
        try await pool.transaction { connection in
            let rooms = try connection.query("select organization_id, name from room where id = \(room) for update")
            guard let row = rooms.first else { return false }
            try makePlace(in: room, connection)
            try insert(ban, in: room, connection)
            var detail = ["name": ban.name, "guest": "true"]
            if case .account(let account, _) = ban.subject {
                detail["guest"] = "false"
                detail["account"] = account.rawValue
            }
            try AuditStore.record(
                AuditEntry(
                    action: .personBanned, actor: AuditActor(name: ban.by, account: ban.byAccount, source: "signaling"),
                    organization: try row.decode("organization_id"), room: room, roomName: try row.decode("name"),
                    detail: detail), connection)
            return true
        }
    }

    private func insert(_ ban: Ban, in room: RoomID, _ connection: isolated PostgresConnection) throws {
        let (id, by, byAccount) = (UUID(), ban.by, ban.byAccount)
        let end: SQL = "now() + make_interval(hours => \(Self.guestHours))"
        switch ban.subject {
        case .account(let account, let source):
            try connection.execute(
                """
                insert into ban as b (id, room_id, name, account_id, guest_source, guest_until, banned_by, banned_by_account)
                values (\(id), \(room), \(ban.name), \(account), \(source),
                    case when \(source)::text is not null then \(end) end, \(by), \(byAccount))
                on conflict (room_id, account_id) where account_id is not null do update
                set name = excluded.name, banned_by = excluded.banned_by, banned_at = now(),
                    guest_source = coalesce(excluded.guest_source, b.guest_source),
                    guest_until = coalesce(excluded.guest_until, b.guest_until),
                    banned_by_account = excluded.banned_by_account
                """)
        case .source(let source):
            try connection.execute(
                """
                insert into ban (id, room_id, name, source, until, banned_by, banned_by_account)
                values (\(id), \(room), \(ban.name), \(source), \(end), \(by), \(byAccount))
                on conflict (room_id, source) where source is not null do update
                set name = excluded.name, banned_by = excluded.banned_by, banned_at = now(), until = excluded.until,
                    banned_by_account = excluded.banned_by_account
                """)
        }
    }

    /// The room's row is locked, so that two at once do not see the same place.
    private func makePlace(in room: RoomID, _ connection: isolated PostgresConnection) throws {
        try connection.execute("delete from ban where room_id = \(room) and until <= now()")
        try connection.execute(
            """
            delete from ban where id in (
                select id from ban where room_id = \(room)
                order by (account_id is not null) desc, banned_at desc, id offset \(Self.most - 1))
            """)
    }

    /// Also for the guests from where a banned account came from.
    /// - Returns: Whether there was such a ban.
    func lift(_ id: BanID, in room: Room, by actor: AuditActor) async throws -> Bool {
        try await pool.transaction { connection in
            let rows = try connection.query(
                "delete from ban where id = \(id) and room_id = \(room.id) returning name, account_id")
            guard let row = rows.first else { return false }
            let account: AccountID? = try row.decode("account_id")
            var detail = ["name": try row.decode("name", as: String.self), "guest": account == nil ? "true" : "false"]
            detail["account"] = account?.rawValue
            try AuditStore.record(
                AuditEntry(
                    action: .banLifted, actor: actor, organization: room.organization, room: room.id,
                    roomName: room.name, detail: detail), connection)
            return true
        }
    }

    /// One batch of those that have ended; where a banned account came from is forgotten then.
    func removeOver() async throws -> Int {
        let batch = MeetingStore.batch
        let ended = try await pool.execute(
            "delete from ban where id in (select id from ban where until <= now() limit \(batch))")
        let forgotten = try await pool.execute(
            """
            update ban set guest_source = null, guest_until = null
            where id in (select id from ban where guest_until <= now() limit \(batch))
            """)
        return max(ended, forgotten)
    }
}
