import ParleyProtocol
import ServiceKit
import WebSockets

// Seats that become those of this node, whether somebody comes in or comes back.
extension RoomHub {
    /// Puts a seat of this node into its place, and ends what stood there: the same entering before an answer was lost, or an
    /// ownership that another node had taken over. A session that has ended while Redis was asked gets no seat.
    func seize(_ id: ParticipantID, _ fence: Int, _ make: () -> LocalSeat) async throws(Refusal) -> LocalSeat {
        await registry.retain(self)
        while let before = seats[id] {
            guard before.fence < fence else {
                await registry.release(self)
                throw .unavailable
            }
            await drop(id, fence: before.fence, .superseded)
        }
        let seat = make()
        guard !hasEnded(seat.entry.session) else {
            giveUp(seat, .left)
            await sayGoodbyes()
            // Nobody has taken up what the node before had.
            if let media = seat.entry.media { await services.media.destroy(media) }
            throw .signedOut
        }
        return seat
    }

    /// Takes what a snapshot says of the meeting, unless events have said more already.
    func take(_ snapshot: RoomSnapshot) {
        // No meeting: Redis has lost its memory, and people are in it here.
        if snapshot.meeting.rawValue.isEmpty, !seats.isEmpty { return }
        let isSame = meeting.id == snapshot.meeting || meeting.id.rawValue.isEmpty
        // That a meeting got its first media node is no event, so that an older snapshot may know it and this node not.
        if isSame, meeting.mediaNode.isEmpty { meeting.mediaNode = snapshot.mediaNode }
        if let known = fanOut.position, snapshot.position.isBehind(known), !meeting.id.rawValue.isEmpty { return }
        if !isSame { for seat in seats.values { loseMedia(seat, people: seats.count) } }
        if isSame, !snapshot.mediaNode.isEmpty { moveMedia(to: snapshot.mediaNode) }
        let mediaNode = isSame && snapshot.mediaNode.isEmpty ? meeting.mediaNode : snapshot.mediaNode
        meeting = RunningMeeting(id: snapshot.meeting, mediaNode: mediaNode, startedAt: snapshot.startedAt)
    }

    func add(
        _ entry: SeatEntry, _ fence: Int, _ snapshot: RoomSnapshot, _ token: ResumeToken,
        sentAt: ContinuousClock.Instant
    ) -> LocalSeat {
        if seats.isEmpty {
            renewedAt = sentAt
            renewalDue = sentAt + services.times.renewal
            isSuspended = false
            fanOut.extendLease(until: sentAt + services.times.trust)
        }
        let seat = LocalSeat(
            entry: entry, fence: fence, epoch: snapshot.epoch, resumeToken: token.text,
            outlet: MediaOutlet(
                publishing: entry.participant.publishing, publications: entry.participant.publication,
                handles: entry.media, changed: { [weak self] in self?.wakeUp() }))
        seat.awayUntil = .now + services.times.grace
        seats[seat.id] = seat
        if let lease = seat.meetingLease { services.presence.entered(lease) }
        services.directory.entered(entry, room: room, meeting: snapshot.meeting, startedAt: snapshot.startedAt)
        return seat
    }

    /// Greets the socket and puts it in its place.
    func admit(
        _ seat: LocalSeat, _ connection: WebSocketConnection, _ member: FanOut.MemberID, _ snapshot: RoomSnapshot,
        _ greeting: [[UInt8]]
    ) {
        take(snapshot)
        seat.socket = .init(connection: connection, member: member)
        seat.awayUntil = nil
        fanOut.activate(
            member, participant: seat.id, fence: seat.fence, greeting: greeting, snapshot: snapshot)
        // The policy may have changed since Redis answered, when this was no seat of this node yet.
        takeRoles()
        seat.outlet.attach(connection)
        if services.drain.isDraining { askToMove(seat) }
    }

    /// A process that stood still may read an answer of Redis when the lease that it grants is over.
    func checkAge(of sentAt: ContinuousClock.Instant) throws(Refusal) {
        guard ContinuousClock.now - sentAt < services.times.trust else { throw .unavailable }
    }
}
