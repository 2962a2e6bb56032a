import ParleyProtocol
import Postgres

/// An appointment that was made, changed or cancelled, or whose room was, for those who tell the invitees.
struct AppointmentChange: Sendable {
    /// As it is after the change; as it was, when it is deleted.
    var room: Room
    /// Who did it. `nil`: the service itself.
    var by: AccessClaims?
    /// `nil`: it is new.
    var before: Appointment?
    /// `nil`: it was cancelled.
    var after: Appointment?
    /// What calendars have of the room is different now.
    var isOfRoom = false

    /// Who is to have it in the calendar as it is `after`: who is new, and everybody when more has changed than the invitees.
    /// Nobody when the last one is over.
    var invited: [String] {
        guard let after, !after.isOver else { return [] }
        guard let before, !isOfRoom, !after.differsMuch(from: before) else { return after.invitees }
        let known = Self.keys(before.invitees)
        return after.invitees.filter { !known.contains($0.lowercased()) }
    }

    /// Who is no longer to have it, as it was `before`. Nobody when the last one was over by then.
    var uninvited: [String] {
        guard let before, !before.isOver else { return [] }
        let kept = Self.keys(after?.invitees ?? [])
        return before.invitees.filter { !kept.contains($0.lowercased()) }
    }

    /// Whether somebody was invited to it before.
    func isKnown(to address: String) -> Bool {
        before?.invitees.contains { $0.lowercased() == address.lowercased() } ?? false
    }

    /// For the files that go to `uninvited`: higher than that of every file before.
    var cancelledSequence: Int { max((before?.sequence ?? 0) + 1, after?.sequence ?? 0) }

    private static func keys(_ addresses: [String]) -> Set<String> { Set(addresses.map { $0.lowercased() }) }
}

/// Tells the invitees of appointments what has become of them.
protocol AppointmentNotices: Sendable {
    /// Runs in the transaction of the changes: what it throws takes them back.
    func note(_ changes: [AppointmentChange], _ connection: isolated PostgresConnection) throws
    /// Nobody is invited any more to a room that is deleted in this transaction.
    func drop(room: RoomID, _ connection: isolated PostgresConnection) throws
}

/// Without a mail server nobody is told.
struct NoAppointmentNotices: AppointmentNotices {
    func note(_ changes: [AppointmentChange], _ connection: isolated PostgresConnection) throws {}
    func drop(room: RoomID, _ connection: isolated PostgresConnection) throws {}
}
