import ParleyProtocol
import Postgres

/// What directory keeps of accounts.
struct OwnerStore: Sendable {
    private static let list = "removed_accounts"
    /// Rooms that are deleted in one transaction, each of which holds locks to its end.
    private static let batch = 50
    /// Days for which a deleted account is known as one: longer than any report of a meeting can be late.
    private static let remembered = 30

    let pool: PostgresPool
    /// Tells those who were invited to rooms that are deleted with their owner.
    let appointments: AppointmentStore

    /// How far the list of removed accounts was read.
    func position() async throws -> Int64 {
        try await pool.query("select position from list_position where list = \(Self.list)")
            .first?.decode("position") ?? 0
    }

    /// Rooms are made for an owner, and taken away with the account, one after the other until the end of the transaction.
    /// - Returns: whether there is still the account, as far as directory knows.
    static func lock(_ owner: AccessClaims, _ connection: isolated PostgresConnection) throws -> Bool {
        try lock(owner.account, connection)
        return try connection.query(
            """
            select 1 from removed_account where organization_id = \(owner.organization) and account_id = \(owner.account)
            """
        ).isEmpty
    }

    /// Deletes the rooms of accounts that are no more, and notes that their meetings are to end. In many small transactions, so that
    /// a large organization neither holds many locks nor is begun anew from the start when one of them fails. Doing it twice is
    /// harmless.
    /// - Returns: how many rooms there were.
    func remove(_ removed: RemovedAccounts) async throws -> Int {
        var count = 0
        for item in removed.items { count += try await remove(item) }
        // Another process may be further already.
        try await pool.execute(
            """
            insert into list_position (list, position) values (\(Self.list), \(removed.position))
            on conflict (list) do update set position = greatest(list_position.position, excluded.position)
            """)
        return count
    }

    private func remove(_ item: RemovedAccounts.Item) async throws -> Int {
        try await pool.transaction { try Self.note(item, $0) }
        var count = 0
        while true {
            let removed = try await pool.transaction { try removeRooms(of: item, $0) }
            count += removed
            guard removed == Self.batch else { break }
        }
        try await pool.execute("delete from room_deputy where account_id = \(item.account)")
        try await pool.execute("delete from room_position where account_id = \(item.account)")
        try await forget(item.account)
        return count
    }

    // MARK: Parts

    private static func lock(_ account: AccountID, _ connection: isolated PostgresConnection) throws {
        try connection.execute("select pg_advisory_xact_lock(hashtextextended(\(account), 0))")
    }

    /// Their tokens live a moment longer, and may not make rooms that nobody would ever delete.
    private static func note(_ item: RemovedAccounts.Item, _ connection: isolated PostgresConnection) throws {
        try lock(item.account, connection)
        try connection.execute(
            """
            insert into removed_account (organization_id, account_id) values (\(item.organization), \(item.account))
            on conflict do nothing
            """)
        try connection.execute(
            """
            delete from removed_account
            where removed_at < now() - make_interval(days => \(remembered)) and \(TrustedClock.holds)
            """)
    }

    private func removeRooms(
        of owner: RemovedAccounts.Item, _ connection: isolated PostgresConnection
    ) throws -> Int {
        let removed = try appointments.noteRemoval(
            of: """
                select id from room where organization_id = \(owner.organization) and owner_id = \(owner.account)
                order by id limit \(Self.batch)
                """,
            connection)
        let rows = try connection.query(
            "delete from room where id = any(\(removed)::uuid[]) returning id, name, alias")
        for row in rows {
            let room: RoomID = try row.decode("id")
            try connection.execute("insert into room_ending (room_id) values (\(room)) on conflict do nothing")
            let entry = AuditEntry(
                action: .roomRemoved, actor: .formerOwner, organization: owner.organization, room: room,
                roomName: try row.decode("name"), detail: ["alias": try row.decode("alias")])
            try AuditStore.record(entry, connection)
        }
        return rows.count
    }

    /// In rooms of others: that somebody was there stays known, and who it was does not.
    private func forget(_ account: AccountID) async throws {
        try await pool.execute("update attendance set name = '', account_id = null where account_id = \(account)")
        try await pool.execute("delete from ban where account_id = \(account)")
        try await pool.execute(
            """
            update former_alias set managed_by = array_remove(managed_by, \(account)::uuid)
            where managed_by @> array[\(account)]::uuid[]
            """)
        try await pool.execute(
            "update ban set banned_by = '', banned_by_account = null where banned_by_account = \(account)")
    }
}
