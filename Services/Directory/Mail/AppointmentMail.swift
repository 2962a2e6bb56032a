import Mail
import ParleyProtocol
import Postgres

/// Tells the invitees of appointments by mail, each with a calendar file that names only this person.
struct AppointmentMail: AppointmentNotices {
    let outbox: Outbox
    let vault: PINVault
    let links: RoomLinks
    /// Who organizes, for calendars: what they answer goes there.
    let from: Mailbox

    func note(_ changes: [AppointmentChange], _ connection: isolated PostgresConnection) throws {
        let count = changes.map(\.invited.count).reduce(0, +)
        var delay = 0
        if let account = changes.first?.by?.account {
            // A room is changed whatever has been sent today, its PIN may be known to the wrong people: then the mails wait.
            if changes.allSatisfy(\.isOfRoom) {
                delay = try outbox.wait(for: count, by: account, connection)
            } else {
                try outbox.charge(count, to: account, connection)
            }
        }
        for change in changes { try put(change, delay: delay, connection) }
    }

    func drop(room: RoomID, _ connection: isolated PostgresConnection) throws {
        try outbox.drop(room: room, connection)
    }

    // MARK: Parts

    private func put(
        _ change: AppointmentChange, delay: Int, _ connection: isolated PostgresConnection
    ) throws {
        var cause = Outbox.Cause(
            organization: change.room.organization, account: change.by?.account, isCounted: true,
            topic: (change.after ?? change.before).map { "appointment:\($0.id)" }, kind: .first, room: change.room.id)
        let known = change.invited.filter(change.isKnown(to:))
        let new = change.invited.filter { !change.isKnown(to: $0) }
        try outbox.put(try invitations(.invitation, to: new, change), cause, connection)
        cause.kind = .later
        try outbox.put(try invitations(.change, to: known, change), cause, delay: delay, connection)
        // Whoever could invite them may also tell them that nothing comes of it, and it goes when the room is gone.
        (cause.isCounted, cause.kind, cause.room) = (false, .last, nil)
        try outbox.put(cancellations(change), cause, connection)
    }

    private func invitations(
        _ occasion: InvitationLetter.Occasion, to addresses: [String], _ change: AppointmentChange
    ) throws -> [Outbox.Addressed] {
        guard let after = change.after, !addresses.isEmpty else { return [] }
        let pin = after.includesPIN ? try vault.pin(of: change.room) : nil
        let text = after.letter(
            occasion, in: change.room, link: links.link(to: change.room), pin: pin, inviter: change.by?.displayName)
        return addresses.map { address in
            let file = CalendarFile(
                after, text, .request, stamp: after.readAt, organizer: organizer(change), attendees: [address])
            return Outbox.Addressed(
                recipient: address, letter: letter(text, file, change),
                introduction: occasion == .invitation
                    ? nil
                    : {
                        try invitations(.invitation, to: [address], change).first?.letter ?? letter(text, file, change)
                    })
        }
    }

    private func cancellations(_ change: AppointmentChange) -> [Outbox.Addressed] {
        guard let before = change.before else { return [] }
        let text = before.letter(
            .cancellation, in: change.room, link: links.link(to: change.room), pin: nil,
            inviter: change.by?.displayName)
        return change.uninvited.map { address in
            let file = CalendarFile(
                before, text, .cancel, sequence: change.cancelledSequence, stamp: before.readAt,
                organizer: organizer(change), attendees: [address])
            return Outbox.Addressed(recipient: address, letter: letter(text, file, change))
        }
    }

    private func organizer(_ change: AppointmentChange) -> CalendarFile.Organizer {
        let owner = change.room.ownerName
        let name = change.by?.displayName ?? (owner.isEmpty ? from.name ?? "Parley" : owner)
        return CalendarFile.Organizer(name: name, address: from.address)
    }

    private func letter(_ text: InvitationLetter, _ file: CalendarFile?, _ change: AppointmentChange) -> Letter {
        Letter(
            subject: text.subject, text: text.text, link: text.link, language: text.language,
            sender: change.by?.displayName, calendar: file.map { .init(method: $0.method, text: $0.text) })
    }
}
