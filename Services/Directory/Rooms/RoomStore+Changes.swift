import Foundation
import ParleyProtocol
import Postgres
import ServiceKit

/// Who changes a room, and from where.
struct RoomEditor: Sendable {
    let claims: AccessClaims
    /// The address.
    let source: String

    var actor: AuditActor { AuditActor(name: claims.displayName, account: claims.account, source: source) }

    func entry(_ action: AuditAction, _ room: Room, _ detail: [String: String] = [:]) -> AuditEntry {
        AuditEntry(
            action: action, actor: actor, organization: room.organization, room: room.id, roomName: room.name,
            detail: detail)
    }
}

// Each change is one transaction with its audit entry.
extension RoomStore {
    /// - Throws: `AliasTaken`; `TooManyRooms`; `FormerOwner`; `PostgresError`.
    func create(
        _ id: RoomID, by editor: RoomEditor, content: RoomContent, sealedPIN: [UInt8]?
    ) async throws -> Room {
        let owner = editor.claims
        do {
            return try await pool.transaction { connection in
                guard try OwnerStore.lock(owner, connection) else { throw FormerOwner() }
                let count = try connection.query(
                    "select count(*)::integer as rooms from room where \(Self.owned(by: owner))")
                guard try count.first?.decode("rooms", as: Int.self) ?? 0 < Limits.roomsPerOwner else {
                    throw TooManyRooms()
                }
                if let alias = content.alias { try Self.claim(alias, for: id, by: owner, connection) }
                let room = try Self.only(
                    try connection.query(
                        """
                        insert into room (id, organization_id, owner_id, owner_name, name, alias, has_secret_alias, description,
                            color, pin, options)
                        values (\(id), \(owner.organization), \(owner.account), \(owner.displayName), \(content.name),
                            \(content.alias ?? RoomAlias.random()), \(content.alias == nil), \(content.description),
                            \(content.color ?? .blue), \(sealedPIN), \(try (content.options ?? RoomOptions()).json)::jsonb)
                        returning \(Room.columns)
                        """))
                try AuditStore.record(editor.entry(.roomCreated, room, ["alias": room.alias]), connection)
                return room
            }
        } catch let error as PostgresError where error.isTakenAlias {
            throw AliasTaken()
        }
    }

    /// - Parameters:
    ///   - seal: gives the PIN as it is to be stored, the stored one if it is the same.
    ///   - follow: runs in the transaction, with the room as it was and as it is.
    /// - Throws: `AliasTaken`; `PostgresError`; what `seal` and `follow` throw.
    func change(
        _ id: RoomID, by editor: RoomEditor, wanted: WantedVersion, content: RoomContent,
        seal: @Sendable @escaping (Room) throws -> [UInt8]?,
        follow: @Sendable @escaping (Room, Room, isolated PostgresConnection) throws -> Void = { _, _, _ in }
    ) async throws -> Change {
        try await changing(id, where: Self.managed(by: editor.claims), wanted: wanted) { old, connection in
            let alias = content.alias ?? old.alias
            if alias != old.alias {
                try Self.claim(alias, for: id, former: old.alias, by: editor.claims, connection)
            }
            let options = content.options ?? old.options
            let sealedPIN = try seal(old)
            let room = try Self.only(
                try connection.query(
                    """
                    update room set name = \(content.name), alias = \(alias),
                        has_secret_alias = \(old.hasSecretAlias && alias == old.alias),
                        description = \(content.description), color = \(Self.color(content.color, of: old)), pin = \(sealedPIN),
                        options = options
                            || (\(try options.json)::jsonb - \(old.storedOptions.untouched(by: options))::text[]),
                        policy_version = policy_version + \(options == old.options ? 0 : 1),
                        updated_at = now(), version = version + 1
                    where id = \(id) returning \(Room.columns)
                    """))
            let changed = RoomDifference(from: old, to: room)
            if !changed.fields.isEmpty {
                try AuditStore.record(editor.entry(.roomChanged, room, changed.detail), connection)
            }
            if sealedPIN != old.sealedPIN {
                let what = sealedPIN == nil ? "removed" : old.sealedPIN == nil ? "set" : "changed"
                try AuditStore.record(editor.entry(.pinChanged, room, ["pin": what]), connection)
            }
            try follow(old, room, connection)
            return room
        }
    }

    /// Also notes that the room's meeting is to be ended. Only its owner deletes a room.
    /// - Parameter prepare: runs in the transaction while there is still all that goes with the room.
    func delete(
        _ id: RoomID, by editor: RoomEditor, wanted: WantedVersion,
        prepare: @escaping @Sendable (Room, isolated PostgresConnection) throws -> Void
    ) async throws -> Change {
        try await changing(id, where: Self.owned(by: editor.claims), wanted: wanted) { room, connection in
            guard !room.isPersonal else { throw ProblemError.personalRoom }
            try prepare(room, connection)
            try connection.execute("delete from room where id = \(id)")
            try connection.execute("insert into room_ending (room_id) values (\(id)) on conflict do nothing")
            try AuditStore.record(editor.entry(.roomDeleted, room, ["alias": room.alias]), connection)
            return room
        }
    }

    /// The whole list of deputies, by the owner.
    func setDeputies(
        _ id: RoomID, _ deputies: [AccountID], by editor: RoomEditor, wanted: WantedVersion
    ) async throws -> Change {
        try await changing(id, where: Self.owned(by: editor.claims), wanted: wanted) { old, connection in
            try connection.execute("delete from room_deputy where room_id = \(id)")
            for deputy in Set(deputies) where deputy != old.owner {
                try connection.execute(
                    "insert into room_deputy (room_id, account_id) values (\(id), \(deputy))")
            }
            let room = try Self.only(
                try connection.query(
                    """
                    update room set updated_at = now(), version = version + 1 where id = \(id) returning \(Room.columns)
                    """))
            let detail = [
                "added": Self.list(room.deputies, without: old.deputies),
                "removed": Self.list(old.deputies, without: room.deputies),
            ]
            try AuditStore.record(editor.entry(.deputiesChanged, room, detail), connection)
            return room
        }
    }

    // MARK: Parts

    /// One that this release does not know stays, unless another one is chosen than it was shown with.
    private static func color(_ wanted: RoomColor?, of room: Room) -> SQL {
        let color = wanted ?? room.color
        return room.hasUnknownColor && color == room.color ? "color" : "\(color)"
    }

    private static func list(_ accounts: [AccountID], without others: [AccountID]) -> String {
        Set(accounts).subtracting(others).map(\.rawValue).sorted().joined(separator: " ")
    }
}

/// What is different in a changed room, for the audit. The PIN is told of apart.
struct RoomDifference {
    let fields: [String]
    let detail: [String: String]

    init(from old: Room, to new: Room) {
        let changed = [
            ("name", old.name != new.name), ("alias", old.alias != new.alias),
            ("description", old.description != new.description), ("color", old.color != new.color),
            ("options", old.options != new.options),
        ]
        fields = changed.filter(\.1).map(\.0)
        var detail = ["fields": fields.joined(separator: " ")]
        if old.alias != new.alias { detail["formerAlias"] = old.alias }
        if old.name != new.name { detail["formerName"] = old.name }
        self.detail = detail
    }
}
