import ParleyProtocol
import Redis

/// The state of all rooms, in Redis. Every method is one call of one script but `entry` and `occupancy`.
///
/// All throw `RedisError` when Redis is away or does not answer in time; the change may have been made then. Join,
/// takeover, restore, renewal and chat with a key may be called again with the same values.
struct SeatStore: Sendable {
    private let redis: RedisClient
    /// Told of each meeting whose end is noticed here.
    private let ended: @Sendable (EndedMeeting) -> Void
    private let lease: Int

    /// - Parameter lease: milliseconds.
    init(
        redis: RedisClient, lease: Int = Limits.seatLease * 1_000,
        ended: @escaping @Sendable (EndedMeeting) -> Void
    ) {
        self.redis = redis
        self.lease = lease
        self.ended = ended
    }

    /// Takes a seat, if there is one and the ticket has not been used.
    ///
    /// - Parameters:
    ///   - meeting: becomes the meeting's id if none runs.
    ///   - mediaNode: becomes the meeting's media node if it has none; empty when none is known.
    func join(
        _ room: RoomID, ticket: String, entry: SeatEntry, meeting: MeetingID, mediaNode: String
    ) async throws -> JoinOutcome {
        let participant = entry.participant
        let reply = try await call(
            SeatScript.join, room, key: SeatKeys(room).ticket(ticket),
            [
                .init(participant.id.rawValue), .init(entry.node), .init(try entry.encoded()),
                .init(try RoomEvent.participantJoined(participant).encodedBody()), .init(meeting.rawValue),
                .init(mediaNode), .init(Limits.ticket * 2),
            ])
        switch reply.status {
        case "ok": return .joined(try reply.grant())
        case "full": return .full
        case "used": return .ticketUsed
        case "closed": return .closed
        default: throw reply.unexpected
        }
    }

    /// The roster entry of a participant, to be checked before `takeOver`.
    func entry(_ room: RoomID, _ participant: ParticipantID) async throws -> StoredSeat? {
        let reply = try await redis.send("HGET", .init(SeatKeys(room).roster), .init(participant.rawValue))
        return try reply.bytes.map { try StoredSeat(raw: $0) }
    }

    /// Makes `entry`'s node the owner of an existing seat, with a new fence.
    func takeOver(_ room: RoomID, read: StoredSeat, entry: SeatEntry) async throws -> TakeOverOutcome {
        let reply = try await call(
            SeatScript.takeOver, room,
            [
                .init(entry.participant.id.rawValue), .init(entry.node), .init(read.raw),
                .init(try entry.encoded()), .init(try RoomEvent.participantUpdated(entry.participant).encodedBody()),
            ])
        switch reply.status {
        case "ok": return .taken(try reply.grant())
        case "changed": return .changed
        case "gone": return .gone
        default: throw reply.unexpected
        }
    }

    /// Puts seats back that Redis lost. They keep their fences; what another epoch did not grant stays away.
    func restore(
        _ room: RoomID, node: String, meeting: MeetingID, mediaNode: String, startedAt: Int, seats: [SeatRecovery]
    ) async throws -> RestoreOutcome {
        var arguments: [RedisArgument] = [
            .init(node), .init(meeting.rawValue), .init(mediaNode), .init(startedAt),
        ]
        for seat in seats {
            let participant = seat.entry.participant
            arguments += [
                .init(participant.id.rawValue), .init(seat.fence), .init(seat.epoch), .init(try seat.entry.encoded()),
                .init(try RoomEvent.participantUpdated(participant).encodedBody()),
            ]
        }
        let reply = try await call(SeatScript.restore, room, arguments)
        return RestoreOutcome(
            epoch: reply.epoch, lost: try reply.lost(at: 3), meeting: MeetingID(try reply.text(at: 4)),
            mediaNode: try reply.text(at: 5))
    }

    /// Replaces a participant's entry and tells the room, unless it changes nothing that others see.
    func update(
        _ room: RoomID, fence: Int, entry: SeatEntry, announced: Bool = true
    ) async throws -> FencedOutcome {
        let event = announced ? try RoomEvent.participantUpdated(entry.participant).encodedBody() : []
        let reply = try await call(
            SeatScript.update, room,
            [
                .init(entry.participant.id.rawValue), .init(fence), .init(entry.node), .init(try entry.encoded()),
                .init(event),
            ])
        return try reply.fenced()
    }

    /// Renews the leases of this node in one room, all in one call. Without seats it only ends leases that are over.
    func renew(_ room: RoomID, seats: [(participant: ParticipantID, fence: Int)]) async throws -> RenewOutcome {
        let reply = try await call(
            SeatScript.renew, room,
            seats.flatMap { [RedisArgument($0.participant.rawValue), RedisArgument($0.fence)] })
        let next = try reply.number(at: 5)
        return RenewOutcome(
            epoch: reply.epoch, seq: try reply.number(at: 4), lost: try reply.lost(at: 3),
            nextExpiry: next < 0 ? nil : next)
    }

    /// Gives a seat up.
    ///
    /// - Parameter fence: nothing to give it up whatever its fence is.
    func leave(
        _ room: RoomID, _ participant: ParticipantID, fence: Int?, reason: RoomEvent.ParticipantLeft.Reason
    ) async throws -> FencedOutcome {
        let event = RoomEvent.participantLeft(.init(id: participant, reason: reason))
        let reply = try await call(
            SeatScript.leave, room,
            [
                .init(participant.rawValue), .init(fence.map(String.init) ?? "any"), .init(try event.encodedBody()),
            ])
        return try reply.fenced()
    }

    /// Adds a message to the room's chat, once for each idempotency key of its sender.
    func send(
        _ message: ChatMessage, key: String?, to room: RoomID, fence: Int
    ) async throws -> ChatOutcome {
        let keys = SeatKeys(room)
        let reply = try await call(
            SeatScript.chat, room, key: key.map { keys.idempotency(message.from, $0) } ?? keys.chat,
            [
                .init(message.from.rawValue), .init(fence), .init(message.id.rawValue),
                .init(try WireJSON.encode(message)), .init(try RoomEvent.chatMessage(message).encodedBody()),
                .init(Limits.chatHistory), .init(key == nil ? 0 : Self.idempotencySeconds),
                .init(Limits.chatHistoryBytes),
            ])
        let outcome = try reply.fenced()
        return outcome == .done ? .sent(ChatMessageID(try reply.text(at: 3))) : .notHeld(outcome)
    }

    func snapshot(_ room: RoomID) async throws -> RoomSnapshot {
        try await call(SeatScript.snapshot, room, []).snapshot(at: 3)
    }

    /// Gives the meeting the media node `proposed` if it still has the one that the caller knows.
    ///
    /// - Returns: the meeting's media node; empty when there is no meeting.
    func pinMediaNode(_ room: RoomID, known: String, proposed: String) async throws -> String {
        try await call(SeatScript.pin, room, [.init(known), .init(proposed)]).text(at: 3)
    }

    /// Ends the running meeting at once: all seats are free, and all nodes are told.
    ///
    /// - Parameter closed: nobody may come in any more.
    func end(_ room: RoomID, reason: MeetingEnd, closed: Bool) async throws {
        let event = try RoomEvent.meetingEnded(reason).encodedBody()
        _ = try await call(SeatScript.end, room, [.init(event), .init(closed ? "1" : "0")]).fenced()
    }

    /// People inside, for each room. Leases that are over do not count.
    func occupancy(_ rooms: [RoomID]) async throws -> [RoomID: Int] {
        let time = try await redis.send("TIME").array?.compactMap(\.int) ?? []
        guard time.count == 2, !rooms.isEmpty else { return [:] }
        let now = time[0] * 1_000 + time[1] / 1_000
        let counts = try await redis.pipeline(
            rooms.map { ["ZCOUNT", .init(SeatKeys($0).seats), "(\(now)", "+inf"] })
        return Dictionary(zip(rooms, counts).map { ($0, $1.int ?? 0) }, uniquingKeysWith: { first, _ in first })
    }

    /// A client sends a message again within the resume grace; this is far more.
    private static let idempotencySeconds = 300

    private func call(
        _ script: RedisScript, _ room: RoomID, key: String? = nil, _ arguments: [RedisArgument]
    ) async throws -> SeatReply {
        let keys = SeatKeys(room).all + (key.map { [$0] } ?? [])
        let common: [RedisArgument] = [.init(Limits.seats), .init(lease), .init(Limits.eventLog)]
        let reply = try SeatReply(
            await redis.evaluate(script, keys: keys, arguments: common + arguments), room: room)
        if let meeting = reply.ended { ended(meeting) }
        return reply
    }
}
