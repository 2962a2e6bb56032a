import Foundation
import ParleyProtocol
import Postgres
import ServiceKit

/// Rooms in PostgreSQL.
///
/// Every function that changes a room or shows it in full takes the claims of who asks and finds only the rooms that this person manages:
/// what belongs to somebody else does not exist.
struct RoomStore: Sendable {
    let pool: PostgresPool
    var unknownValues = UnknownValues()

    /// What became of a change that asked for a version.
    enum Change: Sendable {
        case done(Room)
        case noSuchRoom
        case otherVersion
    }

    /// Another room has the alias.
    struct AliasTaken: Error {}
    /// The owner has as many rooms as there can be.
    struct TooManyRooms: Error {}
    /// The account was deleted, and its token lives a moment longer.
    struct FormerOwner: Error {}

    // MARK: Reading

    /// The rooms that somebody manages, in the wanted order.
    /// - Returns: one page, and where it goes on.
    func rooms(of account: AccessClaims, _ query: RoomQuery) async throws -> (rooms: [Room], next: RoomCursor?) {
        let wanted = query.search.trimmingCharacters(in: .whitespacesAndNewlines)
        let found: SQL =
            wanted.isEmpty
            ? ""
            : "and strpos(lower(name || E'\\n' || alias || E'\\n' || description), lower(\(wanted))) > 0"
        let rows = try await pool.query(
            """
            with listed as (
                select \(Room.columns), \(query.sort.key) collate "C" as sort_key from room
                left join room_position on room_id = room.id and account_id = \(account.account)
                where \(Self.managed(by: account)) \(found))
            select * from listed where \(Self.after(query.cursor, query.sort))
            order by \(query.sort.isDescending ? "sort_key desc, id desc" as SQL : "sort_key, id")
            limit \(query.limit + 1)
            """)
        let rooms = try rows.prefix(query.limit).map(read)
        guard rows.count > query.limit, let last = rooms.last else { return (rooms, nil) }
        let key = try rows[rooms.count - 1].decode("sort_key", as: String.self)
        return (rooms, RoomCursor(sort: query.sort, key: key, id: last.id))
    }

    private static func after(_ cursor: RoomCursor?, _ sort: RoomSort) -> SQL {
        guard let cursor else { return "true" }
        return sort.isDescending
            ? "(sort_key, id) < (\(cursor.key) collate \"C\", \(cursor.id)::uuid)"
            : "(sort_key, id) > (\(cursor.key) collate \"C\", \(cursor.id)::uuid)"
    }

    /// A room that this person manages.
    func room(_ id: RoomID, of account: AccessClaims) async throws -> Room? {
        try await pool.query("select \(Room.columns) from room where id = \(id) and \(Self.managed(by: account))")
            .first.map(read)
    }

    // MARK: Parts

    static func managed(by account: AccessClaims) -> SQL {
        """
        organization_id = \(account.organization) and (owner_id = \(account.account) or exists (
            select 1 from room_deputy d where d.room_id = room.id and d.account_id = \(account.account)))
        """
    }

    static func owned(by owner: AccessClaims) -> SQL {
        "organization_id = \(owner.organization) and owner_id = \(owner.account)"
    }

    /// Locks the room and changes it, if it has the wanted version.
    func changing(
        _ id: RoomID, where allowed: SQL, wanted: WantedVersion = .any,
        _ change: @Sendable @escaping (Room, isolated PostgresConnection) throws -> Room
    ) async throws -> Change {
        do {
            return try await pool.transaction { connection in
                let rows = try connection.query(
                    "select \(Room.columns) from room where id = \(id) and \(allowed) for update")
                guard let room = try rows.first.map(read) else { return .noSuchRoom }
                guard wanted.allows(room.version) else { return .otherVersion }
                return .done(try change(room, connection))
            }
        } catch let error as PostgresError where error.isTakenAlias {
            throw AliasTaken()
        }
    }

    func read(_ row: PostgresRow) throws -> Room {
        let room = try Room(row)
        unknownValues.note(room)
        return room
    }

    /// The room of a statement that returns it.
    static func only(_ rows: [PostgresRow]) throws -> Room {
        guard let row = rows.first else { throw PostgresError(.decoding, "The room did not come back.") }
        return try Room(row)
    }
}

extension PostgresError {
    var isTakenAlias: Bool { isUniqueViolation && constraint == "room_alias_once" }
}
