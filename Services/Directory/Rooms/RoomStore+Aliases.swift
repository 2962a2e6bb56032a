import ParleyProtocol
import Postgres
import ServiceKit

// Aliases: those that rooms have, and those that they gave up and that are kept from others for a while.
extension RoomStore {
    /// Days for which an alias that a room gave up is kept from other rooms.
    static let formerAliasDays = 90

    /// For whoever has the link.
    func room(alias: String) async throws -> Room? {
        try await pool.query("select \(Room.columns) from room where alias = \(alias)").first.map(Room.init)
    }

    /// The room that had this alias before; for those who manage it.
    func room(formerAlias alias: String, of account: AccessClaims) async throws -> Room? {
        try await pool.query(
            """
            select \(Room.columns) from room where id = (select room_id from former_alias where alias = \(alias))
                and \(Self.managed(by: account))
            """
        ).first.map(Room.init)
    }

    /// Whether a new room of this person can't have it.
    /// - Parameter edited: Whether this room can't have it, which may have its own and those that it had before. Without effect unless
    ///   this person manages it.
    func isTaken(alias: String, by account: AccessClaims, for edited: RoomID? = nil) async throws -> Bool {
        let own: SQL =
            edited.map { "(select id from room where id = \($0) and \(Self.managed(by: account)))" } ?? "null::uuid"
        return try await !pool.query(
            """
            select 1 from room where alias = \(alias) and id is distinct from \(own)
            union all
            select 1 from former_alias where alias = \(alias) and room_id is distinct from \(own)
                and given_up_at > now() - make_interval(days => \(Self.formerAliasDays))
            """
        ).isEmpty
    }

    /// - Throws: `AliasTaken` when another room gave it up not long ago: who has its link must not land here.
    static func claim(_ alias: String, for room: RoomID, _ connection: isolated PostgresConnection) throws {
        let kept = try connection.query(
            """
            select 1 from former_alias where alias = \(alias) and room_id <> \(room)
                and given_up_at > now() - make_interval(days => \(formerAliasDays))
            """)
        guard kept.isEmpty else { throw AliasTaken() }
        try connection.execute("delete from former_alias where alias = \(alias)")
    }
}
