import ParleyProtocol
import Postgres
import ServiceKit

// What becomes of appointments with their room. All of it runs in the transaction that changes or deletes the room and holds it.
extension AppointmentStore {
    /// Where calendars have something of what is changed, they get it anew, once.
    func noteChange(
        from old: Room, to new: Room, by account: AccessClaims, _ connection: isolated PostgresConnection
    ) throws {
        let isInAll = old.alias != new.alias || old.description != new.description
        let hasOtherPIN = old.sealedPIN != new.sealedPIN
        guard isInAll || hasOtherPIN || old.name != new.name else { return }
        var changes: [AppointmentChange] = []
        for before in try upcoming(in: new.id, connection) {
            // Who gave it no name of its own has given it the room's.
            let title = before.title == old.name ? new.name : before.title
            guard isInAll || title != before.title || (hasOtherPIN && before.includesPIN) else { continue }
            let rows = try connection.query(
                """
                update appointment set title = \(title), sequence = sequence + 1,
                    version = version + \(title == before.title ? 0 : 1), updated_at = now()
                where id = \(before.id) returning \(Self.columns)
                """)
            guard let after = reader.appointments(rows).first else { continue }
            changes.append(
                AppointmentChange(room: new, by: account, before: before, after: after, isOfRoom: true))
        }
        try notices.note(changes, connection)
    }

    /// Tells the invitees of all appointments of a room that it is deleted, before it is. What invites to it and waits is not sent.
    /// - Parameter account: `nil`: the service itself deletes it.
    func noteDeletion(of room: Room, by account: AccessClaims?, _ connection: isolated PostgresConnection) throws {
        let changes = try upcoming(in: room.id, connection).map {
            AppointmentChange(room: room, by: account, before: $0, after: nil)
        }
        try notices.note(changes, connection)
        try notices.drop(room: room.id, connection)
    }

    /// The same for several rooms that the service itself deletes.
    /// - Parameter rooms: a statement that gives their ids and locks them.
    /// - Returns: the ids.
    func noteRemoval(of rooms: SQL, _ connection: isolated PostgresConnection) throws -> [String] {
        let found = try connection.query("select \(Room.columns) from room where id in (\(rooms)) for update")
            .map(Room.init)
        for room in found { try noteDeletion(of: room, by: nil, connection) }
        return found.map(\.id.rawValue)
    }

    private func upcoming(in room: RoomID, _ connection: isolated PostgresConnection) throws -> [Appointment] {
        reader.appointments(
            try connection.query(
                """
                select \(Self.columns) from appointment
                where room_id = \(room) and (last_end is null or last_end > now()) order by id for update
                """))
    }
}

extension Room {
    /// The room as it is now, which nobody changes before the transaction ends: so no mail tells of one that was just changed.
    static func held(_ id: RoomID, _ connection: isolated PostgresConnection) throws -> Room? {
        try connection.query("select \(columns) from room where id = \(id) for no key update").first.map(Room.init)
    }
}
