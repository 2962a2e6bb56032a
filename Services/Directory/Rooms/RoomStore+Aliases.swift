import ParleyProtocol
import Postgres
import ServiceKit

// Aliases: those that rooms have, and those that they gave up and that are kept from others for a while.
extension RoomStore {
    /// Days for which an alias that a room gave up is kept from other rooms.
    static let formerAliasDays = 90
    /// Aliases that are kept for one room; the oldest ones are given up first.
    private static let mostFormer = 50

    /// For whoever has the link.
    func room(alias: String) async throws -> Room? {
        try await pool.query("select \(Room.columns) from room where alias = \(alias)").first.map(read)
    }

    /// The room that had this alias before; for those who manage it.
    func room(formerAlias alias: String, of account: AccessClaims) async throws -> Room? {
        try await pool.query(
            """
            select \(Room.columns) from room where id = (select room_id from former_alias where alias = \(alias))
                and \(Self.managed(by: account))
            """
        ).first.map(read)
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
            select 1 from former_alias where alias = \(alias) and \(Self.isKept(from: account, for: own))
            """
        ).isEmpty
    }

    /// Takes an alias for a room, in the transaction in which the room gets it. Until its end nobody else claims or gives up that alias,
    /// nor the former one.
    /// - Parameter former: what the room had until now.
    /// - Throws: `AliasTaken` when another room gave it up not long ago: who has its link must not land here.
    static func claim(
        _ alias: String, for room: RoomID, former: String? = nil, by account: AccessClaims,
        _ connection: isolated PostgresConnection
    ) throws {
        try connection.execute("select lock_aliases(\([alias] + (former.map { [$0] } ?? []))::text[])")
        let kept = try connection.query(
            "select 1 from former_alias where alias = \(alias) and \(isKept(from: account, for: "\(room)"))")
        guard kept.isEmpty else { throw AliasTaken() }
        try connection.execute("delete from former_alias where alias = \(alias)")
        guard let former else { return }
        try connection.execute(
            """
            insert into former_alias (alias, room_id) values (\(former), \(room))
            on conflict (alias) do update set room_id = excluded.room_id, given_up_at = now(), organization_id = null,
                managed_by = null
            """)
        try connection.execute(
            """
            delete from former_alias where alias in (
                select alias from former_alias where room_id = \(room) and managed_by is null
                order by given_up_at desc offset \(mostFormer))
            """)
    }

    /// A condition on `former_alias`: its 90 days are not over, as far as the clock can be trusted.
    static var isKept: SQL {
        """
        (given_up_at > now() - make_interval(days => \(formerAliasDays)) or not \(TrustedClock.holds))
        """
    }

    /// Neither the room's own nor one of a deleted room that this person managed.
    private static func isKept(from account: AccessClaims, for room: SQL) -> SQL {
        """
        \(isKept) and room_id is distinct from \(room)
            and (organization_id = \(account.organization) and \(account.account) = any (managed_by)) is not true
        """
    }
}
