import Crypto
import Foundation
import Logging
import ParleyProtocol
import Redis
import WebSockets

// Coming in with a ticket.
extension RoomHub {
    /// What somebody brings who wants to come in.
    struct Arrival {
        let ticket: TicketClaims
        /// Then it is good only for who is in line, or in, since it was good.
        var isExpired: Bool
        var entry: SeatEntry
        var visitor: Visitor
        /// What the client wishes; the policy may say otherwise.
        let wantsMicrophone: Bool
        let token: ResumeToken
        /// Whether the same attempt can be made again by the client, because its participant's id does not come from chance.
        let isRepeatable: Bool
        /// Becomes the meeting's id if none runs.
        let meeting: MeetingID = RandomName.identifier()

        var id: ParticipantID { entry.participant.id }

        /// The same person, coming in as this policy has it.
        ///
        /// - Parameter blocked: what nobody but moderators may turn on.
        func made(for policy: RoomPolicy?, blocked: [MediaSource]) -> Arrival {
            let options = policy?.options ?? RoomOptions()
            var arrival = self
            arrival.visitor.policy = policy
            arrival.entry.participant.role = entry.role(by: policy)
            arrival.entry.participant.state.microphone = wantsMicrophone && !options.muteOnJoining
            guard arrival.entry.participant.role != .moderator else { return arrival }
            for source in blocked { arrival.entry.participant.block(source) }
            return arrival
        }
    }

    /// Takes a seat for the holder of a ticket and welcomes the socket. When the room is full and the client wants to wait,
    /// this takes as long as it takes.
    func join(
        _ connection: WebSocketConnection, ticket: TicketClaims, isExpired: Bool, hello: ClientMessage.Hello
    ) async throws(Refusal) -> ParticipantID {
        let arrival = try arrival(ticket, isExpired: isExpired, hello)
        do {
            switch try await tryToJoin(connection, arrival, waits: hello.wait == true) {
            case nil: break
            case .some(let waiting): try await stand(connection, arrival, waiting)
            }
            return arrival.id
        } catch {
            if error is RedisError, !arrival.isRepeatable { await giveUpUnknown(arrival.id) }
            throw refusal(error)
        }
    }

    /// - Returns: what is waited for, or nothing when the seat was taken and the socket welcomed.
    func tryToJoin(
        _ connection: WebSocketConnection, _ arrival: Arrival, waits: Bool
    ) async throws -> ServerMessage.Waiting? {
        var policy = RoomPolicy.newer(arrival.ticket.policy, rules.policy)
        for _ in 1...3 {
            switch try await attempt(connection, arrival.made(for: policy, blocked: rules.blocked ?? []), waits: waits)
            {
            case .welcomed: return nil
            case .waiting(let waiting): return waiting
            case .outdated(let newer): policy = newer
            }
        }
        throw Refusal.unavailable
    }

    private enum Attempt {
        case welcomed
        case waiting(ServerMessage.Waiting)
        /// There is a newer policy than the one that the entry was made for.
        case outdated(RoomPolicy)
    }

    private func attempt(
        _ connection: WebSocketConnection, _ arrival: Arrival, waits: Bool
    ) async throws -> Attempt {
        // Whoever asks a second time is in a room that has a media node, if there is any.
        let wantsNode = meeting.mediaNode.isEmpty && line[arrival.id] == nil
        let mediaNode = wantsNode ? await services.media.candidateNode() ?? "" : meeting.mediaNode
        let member = fanOut.open(connection)
        let sentAt = ContinuousClock.now
        do {
            let outcome = try await withOneRetry { [services, room] in
                try await services.store.join(
                    room, ticket: arrival.ticket.id, isExpired: arrival.isExpired, entry: arrival.entry,
                    meeting: arrival.meeting, mediaNode: mediaNode, waits: waits, visitor: arrival.visitor)
            }
            if let attempt = Self.unseated(outcome) {
                fanOut.close(member)
                return attempt
            }
            let grant = try Self.grant(outcome)
            try checkAge(of: sentAt)
            try await take(grant, for: arrival, connection, member, sentAt: sentAt)
            return .welcomed
        } catch {
            fanOut.close(member)
            throw error
        }
    }

    private static func unseated(_ outcome: JoinOutcome) -> Attempt? {
        switch outcome {
        case .waiting(let position): .waiting(.init(reason: .full, position: position))
        case .knocking(let reason): .waiting(.init(reason: reason))
        case .outdated(let policy): .outdated(policy)
        default: nil
        }
    }

    private func take(
        _ grant: SeatGrant, for arrival: Arrival, _ connection: WebSocketConnection, _ member: FanOut.MemberID,
        sentAt: ContinuousClock.Instant
    ) async throws {
        let seat = try await seize(arrival.id, grant.fence) {
            add(arrival.entry, grant.fence, grant.snapshot, arrival.token, sentAt: sentAt)
        }
        let greeting = [try welcome(seat, grant.snapshot, resumed: false)]
        admit(seat, connection, member, grant.snapshot, greeting)
        if grant.snapshot.waiting > 0 { tellLobbySoon() }
    }

    // MARK: Arrivals

    private func arrival(
        _ ticket: TicketClaims, isExpired: Bool, _ hello: ClientMessage.Hello
    ) throws(Refusal) -> Arrival {
        guard let name = try? TextRules.displayName(ticket.displayName) else { throw .ticketInvalid }
        guard !hasEnded(ticket.session) else { throw .signedOut }
        let id = try Self.participantID(ticket, key: hello.key)
        let token = services.resumeTokens.make(room, id)
        let state = hello.state
        let attempt = hello.attempt ?? 1
        guard Limits.enteringAttempts.contains(attempt) else {
            throw Refusal(code: .malformedMessage, message: "Attempts are counted from 1.")
        }
        let participant = Participant(
            id: id, name: name, role: ticket.role, manages: ticket.role == .moderator, guest: ticket.account == nil,
            state: ParticipantState(microphone: state?.microphone ?? false, camera: state?.camera ?? false))
        let entry = SeatEntry(
            participant: participant, granted: ticket.role, attempt: attempt, node: services.node,
            resumeHash: token.hash,
            roomName: ticket.roomName, roomAlias: ticket.roomAlias, account: ticket.account,
            accountOrganization: ticket.accountOrganization, session: ticket.session, source: ticket.source)
        return Arrival(
            ticket: ticket, isExpired: isExpired, entry: entry, visitor: Visitor(kind: ticket.kind),
            wantsMicrophone: state?.microphone ?? false, token: token, isRepeatable: hello.key != nil)
    }

    /// From ticket and idempotency key, so that the same entering, at any node, is the same participant.
    private static func participantID(_ ticket: TicketClaims, key: String?) throws(Refusal) -> ParticipantID {
        guard let key else { return RandomName.identifier() }
        guard (try? TextRules.idempotencyKey(key)) != nil else {
            throw Refusal(code: .malformedMessage, message: "A key has 1 to 64 visible ASCII characters.")
        }
        return RandomName.identifier(from: SHA256.hash(data: Data("\(ticket.id)\n\(key)".utf8)))
    }

    private static func grant(_ outcome: JoinOutcome) throws(Refusal) -> SeatGrant {
        switch outcome {
        case .joined(let grant): return grant
        case .waiting, .knocking, .outdated, .full: throw .roomFull
        case .denied: throw .denied
        case .crowded: throw .crowded
        case .rebuilding(let milliseconds): throw .rebuilding(milliseconds)
        case .ticketUsed: throw .ticketInvalid
        case .late: throw .superseded
        case .soon: throw .soon
        case .closed: throw .roomDeleted
        }
    }

    // MARK: Parts

    func refusal(_ error: any Error) -> Refusal {
        if let refusal = error as? Refusal { return refusal }
        logger.warning("Nobody can come in", metadata: ["error": "\(error)"])
        return .unavailable
    }

    /// An answer that did not come says nothing about what was done: the same call again is safe, and tells.
    func withOneRetry<Result: Sendable>(_ call: @Sendable () async throws -> Result) async throws -> Result {
        do {
            return try await call()
        } catch is RedisError {
            return try await call()
        }
    }
}

extension TicketClaims {
    fileprivate var kind: Visitor.Kind {
        if role == .moderator { return .moderator }
        return account != nil && accountOrganization == organization ? .colleague : .guest
    }
}

extension RoomPolicy {
    fileprivate static func newer(_ one: RoomPolicy?, _ other: RoomPolicy?) -> RoomPolicy? {
        guard let one, let other else { return one ?? other }
        return one.version > other.version ? one : other
    }
}
