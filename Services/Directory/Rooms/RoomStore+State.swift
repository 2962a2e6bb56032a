import ParleyProtocol
import Postgres
import ServiceKit

// What changes in a room without its content: use, lock, order, and the personal room. The version stays: nobody who edits the room
// meanwhile loses by it.
extension RoomStore {
    /// Moves the room's age to today.
    /// - Returns: whether there is such a room.
    func touch(_ id: RoomID) async throws -> Bool {
        try await pool.execute("update room set last_used_at = now(), expired_on = null where id = \(id)") > 0
    }

    /// The room lives on from today, with the same link.
    func renew(_ id: RoomID, by editor: RoomEditor) async throws -> Change {
        try await changing(id, where: Self.managed(by: editor.claims)) { _, connection in
            let room = try Self.only(
                try connection.query(
                    """
                    update room set last_used_at = now(), expired_on = null where id = \(id) returning \(Room.columns)
                    """))
            try AuditStore.record(editor.entry(.roomRenewed, room), connection)
            return room
        }
    }

    /// Goes before all that moderators of the running meeting have decided, also where that is not known here yet.
    func lock(_ id: RoomID, _ isLocked: Bool, by editor: RoomEditor) async throws -> Change {
        try await changing(id, where: Self.managed(by: editor.claims)) { old, connection in
            let room = try Self.only(
                try connection.query(
                    """
                    update room set is_locked = \(isLocked), policy_version = policy_version + 1,
                        lock_version = lock_version + 1, lock_number = 0
                    where id = \(id) returning \(Room.columns)
                    """))
            if old.isLocked != isLocked {
                try AuditStore.record(editor.entry(isLocked ? .roomLocked : .roomUnlocked, room), connection)
            }
            return room
        }
    }

    /// A moderator has locked the running meeting or unlocked it: signaling knows already. What is older than what is known here,
    /// or was decided before the room was locked or unlocked here, changes nothing.
    /// - Returns: whether there is such a room.
    func note(_ report: LockReport, of id: RoomID) async throws -> Bool {
        try await !pool.query(
            """
            with noted as (
                update room set is_locked = \(report.locked), lock_number = \(report.number),
                    told_policy = case when is_locked <> \(report.locked) and told_policy = policy_version
                        then policy_version + 1 else told_policy end,
                    policy_version = policy_version + (is_locked <> \(report.locked))::integer
                where id = \(id) and lock_version <= \(report.lockVersion)
                    and (lock_number < \(report.number) or \(Self.isImpossible))
                returning 1)
            select 1 from room where id = \(id)
            """
        ).isEmpty
    }

    /// Numbers are times, and a clock that was far ahead once must not shut out all that comes later.
    private static var isImpossible: SQL {
        "lock_number > extract(epoch from now() + interval '1 hour') * 1000"
    }

    /// Some of the rooms whose policy signaling has not confirmed yet; others each time, so that those which it refuses keep nobody
    /// waiting.
    func untoldPolicies(limit: Int) async throws -> [Room] {
        try await pool.query(
            """
            select \(Room.columns) from room where told_policy < policy_version order by random() limit \(limit)
            """
        ).map(read)
    }

    func notePolicyTold(_ id: RoomID, version: Int) async throws {
        try await pool.execute(
            "update room set told_policy = \(version) where id = \(id) and told_policy < \(version)")
    }

    /// Sees to it that an organizer has a personal room, and that the owner's name is the one of today.
    func prepare(_ owner: AccessClaims) async throws {
        if owner.permissions.contains(.createRooms) { try await makePersonalRoom(of: owner) }
        try await pool.execute(
            """
            update room set owner_name = \(owner.displayName)
            where \(Self.owned(by: owner)) and owner_name <> \(owner.displayName)
            """)
    }

    private func makePersonalRoom(of owner: AccessClaims) async throws {
        guard try await pool.query("select 1 from room where \(Self.owned(by: owner)) and is_personal").isEmpty else {
            return
        }
        let content = RoomContent(personalRoomOf: owner.displayName)
        try await pool.transaction { connection in
            guard try OwnerStore.lock(owner, connection) else { return }
            try connection.execute(
                """
                insert into room (id, organization_id, owner_id, owner_name, is_personal, name, alias, has_secret_alias, description,
                    color)
                values (\(RoomID.random()), \(owner.organization), \(owner.account), \(owner.displayName), true,
                    \(content.name), \(RoomAlias.random()), true, '', \(content.color ?? .purple))
                on conflict (organization_id, owner_id) where is_personal do nothing
                """)
        }
    }

    /// The person's own order. Rooms that the person does not manage are passed over.
    func arrange(_ rooms: [RoomID], of account: AccessClaims) async throws {
        try await pool.transaction { connection in
            try connection.execute("delete from room_position where account_id = \(account.account)")
            try connection.execute(
                """
                insert into room_position (account_id, room_id, position)
                select \(account.account), room.id, wanted.position
                from unnest(\(rooms.map(\.rawValue))::uuid[]) with ordinality as wanted (id, position)
                join room on room.id = wanted.id where \(Self.managed(by: account))
                on conflict do nothing
                """)
        }
    }

    // MARK: Meetings that are to end

    func noteEnded(_ id: RoomID) async throws {
        try await pool.execute("delete from room_ending where room_id = \(id)")
    }

    /// Rooms deleted at least `age` seconds ago whose meeting may still run, the oldest first.
    func endings(olderThan age: Int, limit: Int) async throws -> [RoomID] {
        let rows = try await pool.query(
            """
            select room_id from room_ending where deleted_at <= now() - make_interval(secs => \(age))
            order by deleted_at limit \(limit)
            """)
        return try rows.map { try $0.decode("room_id") }
    }
}
