import ParleyProtocol
import Postgres
import ServiceKit

/// Rooms in PostgreSQL.
///
/// Every function that changes a room or shows it to its owner takes the owner's claims and finds only that person's rooms:
/// what belongs to somebody else does not exist.
struct RoomStore: Sendable {
    let pool: PostgresPool

    /// What became of a change that asked for a version.
    enum Change: Sendable {
        case done(Room)
        case noSuchRoom
        case otherVersion
    }

    /// Somebody else's room has the alias.
    struct AliasTaken: Error {}

    private static var columns: SQL {
        """
        id, organization_id, owner_id, name, alias, description, color, pin, created_at, updated_at, last_used_at,
        version, \(expiry) as expires_at, \(expiry) <= now() as is_expired
        """
    }

    private static var expiry: SQL { "last_used_at + make_interval(days => \(Limits.roomAgeDays))" }

    // MARK: Reading

    /// The owner's rooms, newest first.
    func rooms(of owner: AccessClaims, after cursor: RoomCursor?, limit: Int) async throws -> [Room] {
        let start: SQL =
            cursor.map { "and (created_at, id) < (\($0.createdAt), \($0.id))" } ?? ""
        let rows = try await pool.query(
            """
            select \(Self.columns) from room where \(owned(by: owner)) \(start)
            order by created_at desc, id desc limit \(limit)
            """)
        return try rows.map(Room.init)
    }

    func room(_ id: RoomID, of owner: AccessClaims) async throws -> Room? {
        try await pool.query("select \(Self.columns) from room where id = \(id) and \(owned(by: owner))")
            .first.map(Room.init)
    }

    /// For whoever has the link.
    func room(alias: String) async throws -> Room? {
        try await pool.query("select \(Self.columns) from room where alias = \(alias)").first.map(Room.init)
    }

    func isTaken(alias: String) async throws -> Bool {
        try await !pool.query("select 1 from room where alias = \(alias)").isEmpty
    }

    // MARK: Changing

    /// - Throws: `AliasTaken`; `PostgresError`.
    func create(
        _ id: RoomID, owner: AccessClaims, content: RoomContent, alias: String, sealedPIN: [UInt8]?
    ) async throws -> Room {
        try await refusingTakenAlias {
            try await pool.query(
                """
                insert into room (id, organization_id, owner_id, name, alias, description, color, pin)
                values (\(id), \(owner.organization), \(owner.account), \(content.name), \(alias),
                    \(content.description), \(content.color ?? .blue), \(sealedPIN))
                returning \(Self.columns)
                """)
        }
    }

    /// - Throws: `AliasTaken`; `PostgresError`.
    func change(
        _ id: RoomID, owner: AccessClaims, wanted: WantedVersion, content: RoomContent, sealedPIN: [UInt8]?
    ) async throws -> Change {
        do {
            return try await pool.transaction { connection in
                let rows = try connection.query(
                    """
                    update room set name = \(content.name), alias = coalesce(\(content.alias), alias),
                        description = \(content.description), color = coalesce(\(content.color), color),
                        pin = \(sealedPIN), updated_at = now(), version = version + 1
                    where id = \(id) and \(owned(by: owner)) \(having(wanted))
                    returning \(Self.columns)
                    """)
                return try outcome(rows, id, owner, connection)
            }
        } catch let error as PostgresError where error.isTakenAlias {
            throw AliasTaken()
        }
    }

    /// Also notes that the room's meeting is to be ended.
    func delete(_ id: RoomID, owner: AccessClaims, wanted: WantedVersion) async throws -> Change {
        try await pool.transaction { connection in
            let rows = try connection.query(
                """
                delete from room where id = \(id) and \(owned(by: owner)) \(having(wanted)) returning \(Self.columns)
                """)
            let change = try outcome(rows, id, owner, connection)
            if case .done = change {
                try connection.execute("insert into room_ending (room_id) values (\(id)) on conflict do nothing")
            }
            return change
        }
    }

    /// Moves the room's age to today.
    /// - Returns: Whether there is such a room.
    func touch(_ id: RoomID) async throws -> Bool {
        try await pool.execute("update room set last_used_at = now() where id = \(id)") > 0
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

    // MARK: Parts

    private func owned(by owner: AccessClaims) -> SQL {
        "organization_id = \(owner.organization) and owner_id = \(owner.account)"
    }

    private func having(_ wanted: WantedVersion) -> SQL {
        switch wanted {
        case .any: ""
        case .oneOf(let versions): "and version = any(\(versions))"
        }
    }

    private func outcome(
        _ rows: [PostgresRow], _ id: RoomID, _ owner: AccessClaims, _ connection: isolated PostgresConnection
    ) throws -> Change {
        if let row = rows.first { return .done(try Room(row)) }
        let isThere = try connection.query("select 1 from room where id = \(id) and \(owned(by: owner))")
        return isThere.isEmpty ? .noSuchRoom : .otherVersion
    }

    private func refusingTakenAlias(_ body: () async throws -> [PostgresRow]) async throws -> Room {
        do {
            guard let row = try await body().first else {
                throw PostgresError(.decoding, "The new room did not come back.")
            }
            return try Room(row)
        } catch let error as PostgresError where error.isTakenAlias {
            throw AliasTaken()
        }
    }
}

extension PostgresError {
    fileprivate var isTakenAlias: Bool { isUniqueViolation && constraint == "room_alias_once" }
}

extension Room {
    fileprivate init(_ row: PostgresRow) throws {
        id = try row.decode("id")
        organization = try row.decode("organization_id")
        owner = try row.decode("owner_id")
        name = try row.decode("name")
        alias = try row.decode("alias")
        description = try row.decode("description")
        color = try row.decode("color")
        sealedPIN = try row.decode("pin")
        createdAt = try row.decode("created_at")
        updatedAt = try row.decode("updated_at")
        lastUsedAt = try row.decode("last_used_at")
        expiresAt = try row.decode("expires_at")
        isExpired = try row.decode("is_expired")
        version = try row.decode("version")
    }
}
