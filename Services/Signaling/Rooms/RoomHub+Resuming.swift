import Logging
import ParleyProtocol
import Redis
import WebSockets

// Taking up a seat that is kept, here or at another node.
extension RoomHub {
    /// - Parameter known: the last event that the client has seen, if it has the room on its screen still.
    func resume(
        _ connection: WebSocketConnection, token: ResumeToken, known: EventOrder?
    ) async throws(Refusal) -> ParticipantID {
        // One at a time, so that a seat has one owner here. Who comes again by itself finds out how the other one ended.
        guard resuming.insert(token.participant).inserted else { throw .soon }
        defer { resuming.remove(token.participant) }
        let socket = LocalSeat.LocalSocket(connection: connection, member: fanOut.open(connection))
        do {
            if let seat = seats[token.participant] {
                try await resumeHere(seat, token, socket, known: known)
            } else {
                try await resumeFromElsewhere(token, socket, known: known)
            }
            return token.participant
        } catch {
            fanOut.close(socket.member)
            throw refusal(error)
        }
    }

    private func resumeHere(
        _ seat: LocalSeat, _ token: ResumeToken, _ socket: LocalSeat.LocalSocket, known: EventOrder?
    ) async throws {
        await seat.lock(isolation: self)
        defer { seat.unlock() }
        let sentAt = ContinuousClock.now
        let next = services.resumeTokens.make(room, seat.id)
        var wasElsewhere = false
        let (entry, transfer) = try await takeOver(token, next: next, socket, known: known) { entry, owner in
            // Another node may have had the seat meanwhile: then it knows of the media, and this one does not.
            wasElsewhere = owner != services.node
            if !wasElsewhere { seat.describe(in: &entry) }
        }
        try checkAge(of: sentAt)
        if wasElsewhere {
            return try await place(entry, transfer, next, socket, sentAt: sentAt)
        }
        guard seats[seat.id] === seat else {
            // It was given up here while Redis was asked, too late: it is a new seat of this node.
            return try await place(entry, transfer, next, socket, sentAt: sentAt)
        }
        if let old = seat.socket {
            fanOut.close(old.member)
            old.connection.send(.sessionEnded(.init(reason: .superseded)))
            old.connection.close(.superseded, reason: "superseded")
        }
        seat.entry = entry
        seat.fence = transfer.fence
        seat.epoch = transfer.snapshot.epoch
        seat.resumeToken = next.text
        seat.hasSpoken = false
        admit(seat, socket.connection, socket.member, transfer.snapshot, try greeting(seat, transfer))
        tellLobbySoon()
    }

    private func resumeFromElsewhere(
        _ token: ResumeToken, _ socket: LocalSeat.LocalSocket, known: EventOrder?
    ) async throws {
        let sentAt = ContinuousClock.now
        let next = services.resumeTokens.make(room, token.participant)
        let (entry, transfer) = try await takeOver(token, next: next, socket, known: known) { entry, _ in
            // What nobody can take over has ended.
            if entry.media == nil { entry.participant.publishing = false }
        }
        try checkAge(of: sentAt)
        try await place(entry, transfer, next, socket, sentAt: sentAt)
    }

    /// Makes it a seat of this node, which takes the client's connections for media over as they are.
    private func place(
        _ entry: SeatEntry, _ transfer: SeatTransfer, _ token: ResumeToken, _ socket: LocalSeat.LocalSocket,
        sentAt: ContinuousClock.Instant
    ) async throws {
        let seat = try await seize(token.participant, transfer.fence) {
            add(entry, transfer.fence, transfer.snapshot, token, sentAt: sentAt)
        }
        admit(seat, socket.connection, socket.member, transfer.snapshot, try greeting(seat, transfer))
        tellLobbySoon()
        await adoptMedia(of: seat)
    }

    /// The events that the client has missed, or the whole room.
    private func greeting(_ seat: LocalSeat, _ transfer: SeatTransfer) throws -> [[UInt8]] {
        guard let missed = transfer.missed else {
            SignalingMetrics.resumed(.anew)
            return [try welcome(seat, transfer.snapshot, resumed: true)]
        }
        SignalingMetrics.resumed(.fromLog)
        let resumed = ServerMessage.resumed(
            .init(
                resumeToken: seat.resumeToken, iceServers: services.turn.servers(for: seat.id),
                seq: transfer.snapshot.seq))
        return [try resumed.encoded()] + missed.map(\.json)
    }

    /// Makes this node the owner of the seat. The entry is read, changed and put back only if nobody changed it meanwhile.
    private func takeOver(
        _ token: ResumeToken, next: ResumeToken, _ socket: LocalSeat.LocalSocket, known: EventOrder?,
        change: (_ entry: inout SeatEntry, _ owner: String) -> Void
    ) async throws -> (SeatEntry, SeatTransfer) {
        for _ in 1...3 {
            guard let read = try await keptEntry(token.participant) else {
                guard try await isComing(token.participant) else { throw Refusal.gone }
                continue
            }
            guard token.opens(read.entry) else { throw Refusal.gone }
            guard !hasEnded(read.entry.session) else { throw Refusal.signedOut }
            // Who hung up while Redis was slow may sit at another node since, with a token whose predecessor still opens.
            guard socket.connection.closeCode == nil else { throw Refusal.unavailable }
            var entry = read.entry
            entry.node = services.node
            entry.resumeHash = next.hash
            // The welcome may be lost, and then this token is all that the client has.
            entry.previousResumeHash = token.hash
            entry.participant.connected = true
            change(&entry, read.entry.node)
            let changed = entry
            let outcome = try await withOneRetry { [services, room] in
                try await services.store.takeOver(room, read: read, entry: changed, known: known)
            }
            switch outcome {
            case .taken(let transfer): return (entry, transfer)
            case .changed: continue
            case .soon: throw Refusal.soon
            case .gone: throw hasEnded(entry.session) ? Refusal.signedOut : Refusal.gone
            case .rebuilding(let milliseconds): throw Refusal.rebuilding(milliseconds)
            }
        }
        throw Refusal.unavailable
    }

    /// Whether a seat that is not there may be there soon.
    private func isComing(_ participant: ParticipantID) async throws -> Bool {
        switch try await services.store.absence(room, of: participant) {
        case .rebuilding(let milliseconds): throw Refusal.rebuilding(min(milliseconds, 1_000))
        case .gone: false
        case .changed, .soon, .taken: true
        }
    }

    private func keptEntry(_ participant: ParticipantID) async throws -> StoredSeat? {
        let read = try await services.store.entry(room, participant)
        guard read == nil, seats[participant] != nil else { return read }
        // Redis may have lost its memory: what this node knows goes back first.
        await renew()
        return try await services.store.entry(room, participant)
    }
}
