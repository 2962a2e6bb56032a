import ParleyProtocol
import Postgres

/// An appointment that was made, changed or cancelled, for those who tell the invitees.
struct AppointmentChange: Sendable {
    var room: Room
    /// Who did it.
    var by: AccessClaims
    /// `nil`: it is new.
    var before: Appointment?
    /// `nil`: it was cancelled.
    var after: Appointment?

    /// Who is to have it in the calendar as it is `after`: who is new, and everybody when more has changed than the invitees.
    /// Nobody when the last one is over.
    var invited: [String] {
        guard let after, after.next != nil else { return [] }
        guard let before, !after.differsMuch(from: before) else { return after.invitees }
        let known = Self.keys(before.invitees)
        return after.invitees.filter { !known.contains($0.lowercased()) }
    }

    /// Who is no longer to have it, as it was `before`. Nobody when the last one was over by then.
    var uninvited: [String] {
        guard let before, before.next != nil else { return [] }
        let kept = Self.keys(after?.invitees ?? [])
        return before.invitees.filter { !kept.contains($0.lowercased()) }
    }

    /// For the files that go to `uninvited`: higher than that of every file before.
    var cancelledSequence: Int { max((before?.sequence ?? 0) + 1, after?.sequence ?? 0) }

    private static func keys(_ addresses: [String]) -> Set<String> { Set(addresses.map { $0.lowercased() }) }
}

/// Tells the invitees of an appointment what has become of it.
protocol AppointmentNotices: Sendable {
    /// Runs in the transaction of the change: what it throws takes the change back.
    func note(_ change: AppointmentChange, _ connection: isolated PostgresConnection) throws
}

/// Without a mail server nobody is told.
struct NoAppointmentNotices: AppointmentNotices {
    func note(_ change: AppointmentChange, _ connection: isolated PostgresConnection) throws {}
}
