import ParleyProtocol
import ServiceKit
import WebSockets

// A guest who signs in during the meeting.
extension RoomHub {
    /// Makes the seat that of an account, with a ticket that was made for it. Seat, socket and media stay as they are; what the
    /// account may do here comes with it. The same ticket again is fine, for instance after a lost answer.
    func signIn(
        _ participant: ParticipantID, _ connection: WebSocketConnection, ticket text: String
    ) async throws(RequestFailure) {
        let seat = try seat(participant, connection)
        guard limits.takeUpdate() else { throw .tooMany }
        let ticket = try await account(of: text)
        guard seat.entry.account == nil || seat.entry.account == ticket.account else { throw .otherAccount }
        let wasSignedIn = seat.meetingLease != nil
        let name = try TextRules.displayName(ticket.displayName)
        try await change(seat, ticket: ticket.id) { entry in
            entry.account = ticket.account
            entry.accountOrganization = ticket.accountOrganization
            entry.session = ticket.session
            entry.source = ticket.source ?? entry.source
            entry.participant.guest = false
            entry.participant.name = name
            // Nobody loses by signing in what they were given in the meeting.
            if ticket.role == .moderator {
                entry.granted = .moderator
                entry.participant.manages = true
                entry.participant.blocked = []
            }
        }
        // It may have ended while Redis was asked, when nobody could know yet that this seat is one of its own.
        if let session = seat.entry.session, hasEnded(session) { await signOut([session]) }
        guard seats[participant] === seat else { throw .seatLost }
        if !wasSignedIn, let lease = seat.meetingLease { services.presence.entered(lease) }
        services.directory.entered(seat.entry, room: room, meeting: meeting.id, startedAt: meeting.startedAt)
    }

    private func account(of text: String) async throws(RequestFailure) -> TicketClaims {
        guard let (ticket, isExpired) = try? await services.tickets.verify(text), !isExpired, ticket.room == room,
            ticket.account != nil
        else { throw .ticketInvalid }
        guard !hasEnded(ticket.session) else { throw .signedOut }
        return ticket
    }
}
