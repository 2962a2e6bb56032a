import Foundation
import Logging
import ParleyProtocol
import Redis
import WebSockets

// Coming in: with a ticket, or with the resume token of a seat that is kept.
extension RoomHub {
    /// Takes a seat for the holder of a ticket and welcomes the socket.
    func join(
        _ connection: WebSocketConnection, ticket: TicketClaims, state: ParticipantState?
    ) async throws(Refusal) -> ParticipantID {
        let id: ParticipantID = RandomName.identifier()
        let token = ResumeToken(for: id)
        let entry = try newEntry(id, ticket: ticket, state: state, token: token)
        let mediaNode = meeting.mediaNode.isEmpty ? await services.media.candidateNode() ?? "" : meeting.mediaNode
        let member = fanOut.open(connection)
        let sentAt = ContinuousClock.now
        do {
            let proposal: MeetingID = RandomName.identifier()
            let outcome = try await withOneRetry { [services, room] in
                try await services.store.join(
                    room, ticket: ticket.id, entry: entry, meeting: proposal, mediaNode: mediaNode)
            }
            let grant = try Self.grant(outcome)
            await registry.retain(self)
            let seat = add(entry, grant, token, sentAt: sentAt)
            try admit(seat, connection, member, grant.snapshot, resumed: false)
            services.directory.note(room, grant.snapshot.meeting)
            return id
        } catch {
            fanOut.close(member)
            if error is RedisError { await giveUpUnknown(id) }
            throw refusal(error)
        }
    }

    /// Takes up a seat that is kept, here or at another node, and welcomes the socket.
    func resume(_ connection: WebSocketConnection, token: ResumeToken) async throws(Refusal) -> ParticipantID {
        // One at a time, so that a seat has one owner here. Who comes again by itself finds out how the other one ended.
        guard resuming.insert(token.participant).inserted else { throw .unavailable }
        defer { resuming.remove(token.participant) }
        let member = fanOut.open(connection)
        do {
            if let seat = seats[token.participant] {
                try await resumeHere(seat, token, connection, member)
            } else {
                try await resumeFromElsewhere(token, connection, member)
            }
            return token.participant
        } catch {
            fanOut.close(member)
            throw refusal(error)
        }
    }

    private func resumeHere(
        _ seat: LocalSeat, _ token: ResumeToken, _ connection: WebSocketConnection, _ member: FanOut.MemberID
    ) async throws {
        await seat.lock(isolation: self)
        defer { seat.unlock() }
        let sentAt = ContinuousClock.now
        let next = ResumeToken(for: seat.id)
        let (entry, grant) = try await takeOver(token, next: next) { participant in
            let publication = seat.outlet.publication
            participant.publishing = publication.isRunning
            participant.publication = publication.number
        }
        guard seats[seat.id] === seat else {
            // It was given up here while Redis was asked, too late: it is a new seat of this node.
            return try await place(entry, grant, next, connection, member, sentAt: sentAt)
        }
        if let old = seat.socket {
            fanOut.close(old.member)
            old.connection.send(.sessionEnded(.init(reason: .superseded)))
            old.connection.close(.superseded, reason: "superseded")
        }
        seat.entry = entry
        seat.fence = grant.fence
        seat.epoch = grant.snapshot.epoch
        seat.resumeToken = next.text
        seat.hasSpoken = false
        try admit(seat, connection, member, grant.snapshot, resumed: true)
    }

    private func resumeFromElsewhere(
        _ token: ResumeToken, _ connection: WebSocketConnection, _ member: FanOut.MemberID
    ) async throws {
        let sentAt = ContinuousClock.now
        let next = ResumeToken(for: token.participant)
        // Nobody here controls its media, see `place`.
        let (entry, grant) = try await takeOver(token, next: next) { $0.publishing = false }
        try await place(entry, grant, next, connection, member, sentAt: sentAt)
    }

    /// Makes it a seat of this node, which controls none of the client's connections for media: the client builds them anew.
    private func place(
        _ entry: SeatEntry, _ grant: SeatGrant, _ token: ResumeToken, _ connection: WebSocketConnection,
        _ member: FanOut.MemberID, sentAt: ContinuousClock.Instant
    ) async throws {
        await registry.retain(self)
        let seat = add(entry, grant, token, sentAt: sentAt)
        try admit(seat, connection, member, grant.snapshot, resumed: true)
        seat.outlet.lose()
    }

    /// Makes this node the owner of the seat. The entry is read, changed and put back only if nobody changed it meanwhile.
    private func takeOver(
        _ token: ResumeToken, next: ResumeToken, change: (inout Participant) -> Void
    ) async throws -> (SeatEntry, SeatGrant) {
        for _ in 1...3 {
            var read = try await services.store.entry(room, token.participant)
            if read == nil, seats[token.participant] != nil {
                // Redis may have lost its memory: what this node knows goes back first.
                await renew()
                read = try await services.store.entry(room, token.participant)
            }
            guard let read, token.opens(read.entry) else { throw Refusal.gone }
            var entry = read.entry
            entry.node = services.node
            entry.resumeHash = next.hash
            // The welcome may be lost, and then this token is all that the client has.
            entry.previousResumeHash = token.hash
            entry.participant.connected = true
            change(&entry.participant)
            let changed = entry
            let outcome = try await withOneRetry { [services, room] in
                try await services.store.takeOver(room, read: read, entry: changed)
            }
            switch outcome {
            case .taken(let grant): return (entry, grant)
            case .changed: continue
            case .gone: throw Refusal.gone
            }
        }
        throw Refusal.unavailable
    }

    private func add(
        _ entry: SeatEntry, _ grant: SeatGrant, _ token: ResumeToken, sentAt: ContinuousClock.Instant
    ) -> LocalSeat {
        if seats.isEmpty {
            renewedAt = sentAt
            renewalDue = sentAt + services.times.renewal
            isSuspended = false
            fanOut.extendLease(until: sentAt + services.times.trust)
        }
        let seat = LocalSeat(
            entry: entry, fence: grant.fence, epoch: grant.snapshot.epoch, resumeToken: token.text,
            outlet: MediaOutlet(publications: entry.participant.publication) { [weak self] in self?.wakeUp() })
        seat.awayUntil = .now + services.times.grace
        seats[seat.id] = seat
        if let lease = seat.meetingLease { services.presence.entered(lease) }
        return seat
    }

    /// Sends the welcome and puts the socket in its place.
    private func admit(
        _ seat: LocalSeat, _ connection: WebSocketConnection, _ member: FanOut.MemberID, _ snapshot: RoomSnapshot,
        resumed: Bool
    ) throws {
        meeting = RunningMeeting(
            id: snapshot.meeting, mediaNode: snapshot.mediaNode, startedAt: snapshot.startedAt)
        seat.socket = .init(connection: connection, member: member)
        seat.awayUntil = nil
        let greeting = try welcome(seat, snapshot, resumed: resumed)
        fanOut.activate(
            member, participant: seat.id, fence: seat.fence, welcome: greeting, snapshot: snapshot)
        seat.outlet.attach(connection)
    }

    private func newEntry(
        _ id: ParticipantID, ticket: TicketClaims, state: ParticipantState?, token: ResumeToken
    ) throws(Refusal) -> SeatEntry {
        guard let name = try? TextRules.displayName(ticket.displayName) else { throw .ticketInvalid }
        let participant = Participant(
            id: id, name: name, role: ticket.role, guest: ticket.account == nil, joinedAt: .now,
            state: ParticipantState(microphone: state?.microphone ?? false, camera: state?.camera ?? false))
        return SeatEntry(
            participant: participant, node: services.node, resumeHash: token.hash, roomName: ticket.roomName,
            roomAlias: ticket.roomAlias, account: ticket.account, accountOrganization: ticket.accountOrganization)
    }

    private static func grant(_ outcome: JoinOutcome) throws(Refusal) -> SeatGrant {
        switch outcome {
        case .joined(let grant): return grant
        case .full: throw .roomFull
        case .ticketUsed: throw .ticketInvalid
        case .closed: throw .roomDeleted
        }
    }

    private func refusal(_ error: any Error) -> Refusal {
        if let refusal = error as? Refusal { return refusal }
        logger.warning("Nobody can come in", metadata: ["error": "\(error)"])
        return .unavailable
    }

    /// An answer that did not come says nothing about what was done: the same call again is safe, and tells.
    private func withOneRetry<Result: Sendable>(_ call: @Sendable () async throws -> Result) async throws -> Result {
        do {
            return try await call()
        } catch is RedisError {
            return try await call()
        }
    }
}
