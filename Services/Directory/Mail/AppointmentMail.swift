import Mail
import ParleyProtocol
import Postgres

/// Tells the invitees of an appointment by mail, each with a calendar file that names only this person.
struct AppointmentMail: AppointmentNotices {
    let outbox: Outbox
    let vault: PINVault
    let links: RoomLinks
    /// Who organizes, for calendars: what they answer goes there.
    let from: Mailbox

    func note(_ change: AppointmentChange, _ connection: isolated PostgresConnection) throws {
        var cause = Outbox.Cause(
            organization: change.room.organization, account: change.by.account, isCounted: true,
            topic: (change.after ?? change.before).map { "appointment:\($0.id)" })
        try outbox.put(try invitations(change), cause, connection)
        // Whoever could invite them may also tell them that nothing comes of it.
        cause.isCounted = false
        try outbox.put(cancellations(change), cause, connection)
    }

    private func invitations(_ change: AppointmentChange) throws -> [(recipient: String, letter: Letter)] {
        guard let after = change.after, !change.invited.isEmpty else { return [] }
        let known = Set((change.before?.invitees ?? []).map { $0.lowercased() })
        let pin = after.includesPIN ? try vault.pin(of: change.room) : nil
        return change.invited.map { address in
            let text = after.letter(
                known.contains(address.lowercased()) ? .change : .invitation, in: change.room,
                link: links.link(to: change.room), pin: pin, inviter: change.by.displayName)
            let file = CalendarFile(
                after, text, .request, stamp: after.readAt, organizer: organizer(change), attendees: [address])
            return (address, letter(text, file, change))
        }
    }

    private func cancellations(_ change: AppointmentChange) -> [(recipient: String, letter: Letter)] {
        guard let before = change.before else { return [] }
        return change.uninvited.map { address in
            let text = before.letter(
                .cancellation, in: change.room, link: links.link(to: change.room), pin: nil,
                inviter: change.by.displayName)
            let file = CalendarFile(
                before, text, .cancel, sequence: change.cancelledSequence, stamp: before.readAt,
                organizer: organizer(change), attendees: [address])
            return (address, letter(text, file, change))
        }
    }

    private func organizer(_ change: AppointmentChange) -> CalendarFile.Organizer {
        CalendarFile.Organizer(name: change.by.displayName, address: from.address)
    }

    private func letter(_ text: InvitationLetter, _ file: CalendarFile, _ change: AppointmentChange) -> Letter {
        Letter(
            subject: text.subject, text: text.text, link: text.link, language: text.language,
            sender: change.by.displayName, calendar: .init(method: file.method, text: file.text))
    }
}
