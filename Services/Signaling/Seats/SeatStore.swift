import ParleyProtocol
import Redis

/// What seats in Redis go by, times in milliseconds. It is that of `Limits` but in tests.
struct SeatRules: Sendable {
    var seats = Limits.seats
    var lease = Limits.seatLease * 1_000
    var lineLease = Limits.lineLease * 1_000
    /// How long only those come in who were inside, after Redis has lost its memory. Longer than two beats and their answers.
    var rebuild = 6_000
    /// The same when Redis was restarted and has its data still, but perhaps not the last second. All nodes have lost their
    /// connections then and come back at once.
    var rebuildWithData = 2_500
    /// When no node has called for so long, none could.
    var silence = 10_000
    /// Seconds that a room's chat is kept after its last use; 0: it is not kept at all.
    var chatRetention = Limits.chatRetention
    /// Between two changes of the owner of one seat. Each is an event for all, of which the log keeps a few hundred.
    var ownerPause = 500
}

/// The state of all rooms, in Redis. Every method is one call of one script but `entry` and `occupancy`.
///
/// All throw `RedisError` when Redis is away or does not answer in time; the change may have been made then. Join,
/// takeover, restore, renewal and chat with a key may be called again with the same values.
struct SeatStore: Sendable {
    let redis: RedisClient
    let rules: SeatRules
    /// What tests change in the scripts, to see that it would be noticed.
    let mutation: @Sendable (RedisScript) -> RedisScript
    private let seen = SeenSeats()
    /// Told of what is noticed here besides the answers.
    private let notice: @Sendable (RoomID, SeatNotice) -> Void

    init(
        redis: RedisClient, rules: SeatRules = SeatRules(),
        notice: @escaping @Sendable (RoomID, SeatNotice) -> Void = { _, _ in },
        mutation: @escaping @Sendable (RedisScript) -> RedisScript = { $0 }
    ) {
        self.redis = redis
        self.rules = rules
        self.mutation = mutation
        self.notice = notice
    }

    /// Keeps the marks of partitions.
    ///
    /// - Returns: the epoch of each that answered.
    func beat(_ partitions: [Partition]) async -> [Partition: String] {
        do {
            return try await beatAtOnce(partitions)
        } catch {
            // In a cluster one primary that is away must not hide what has happened to the others.
            return await beatOneByOne(partitions)
        }
    }

    private func beatAtOnce(_ partitions: [Partition]) async throws -> [Partition: String] {
        let script = mutation(SeatScript.beat)
        func replies(_ command: RedisArgument, _ text: String) async throws -> [RESPValue] {
            try await redis.pipeline(partitions.map { [command, .init(text), 1, .init($0.mark)] + windows })
        }
        var answers = try await replies("EVALSHA", script.sha1)
        // A server that does not know the script yet learns it by the first call with its source.
        if answers.contains(where: { $0.error?.code == .server("NOSCRIPT") }) {
            answers = try await replies("EVAL", script.source)
        }
        return Dictionary(
            zip(partitions, answers).compactMap { partition, answer in answer.string.map { (partition, $0) } },
            uniquingKeysWith: { first, _ in first })
    }

    private func beatOneByOne(_ partitions: [Partition]) async -> [Partition: String] {
        let script = mutation(SeatScript.beat)
        return await withTaskGroup(of: (Partition, String?).self) { group in
            for partition in partitions {
                group.addTask { [redis, windows] in
                    (partition, try? await redis.evaluate(script, keys: [partition.mark], arguments: windows).string)
                }
            }
            return await group.reduce(into: [:]) { found, answer in found[answer.0] = answer.1 }
        }
    }

    private var windows: [RedisArgument] {
        [.init(rules.rebuild), .init(rules.rebuildWithData), .init(rules.silence)]
    }

    /// Events of more bytes are not told one by one: they would fill half of what may wait for a socket.
    static let mostEventBytes = Limits.socketBudget / 2

    // MARK: Coming in

    /// The roster entry of a participant, to be checked before `takeOver`.
    func entry(_ room: RoomID, _ participant: ParticipantID) async throws -> StoredSeat? {
        let reply = try await redis.send("HGET", .init(SeatKeys(room).roster), .init(participant.rawValue))
        return try reply.bytes.map { try StoredSeat(raw: $0) }
    }

    /// Makes `entry`'s node the owner of an existing seat, with a new fence.
    ///
    /// - Parameter known: the last event that the client has seen.
    func takeOver(
        _ room: RoomID, read: StoredSeat, entry: SeatEntry, known: EventOrder? = nil
    ) async throws -> TakeOverOutcome {
        try await takeOver(
            room,
            [
                .init(entry.participant.id.rawValue), .init(entry.node), .init(read.raw),
                .init(try entry.encoded()), .init(try RoomEvent.updated(entry.participant).encodedBody()),
                .init(known?.epoch ?? ""), .init(known?.seq ?? 0), .init(Self.mostEventBytes), .init(rules.ownerPause),
            ])
    }

    /// Why there is no entry: `gone`, `rebuilding`, or `changed` when there is one now.
    func absence(_ room: RoomID, of participant: ParticipantID) async throws -> TakeOverOutcome {
        try await takeOver(room, [.init(participant.rawValue), "", "", "{}", "{}", "", "0", "0", "0"])
    }

    private func takeOver(_ room: RoomID, _ arguments: [RedisArgument]) async throws -> TakeOverOutcome {
        let reply = try await call(SeatScript.takeOver, room, arguments)
        switch reply.status {
        case "ok":
            return .taken(
                SeatTransfer(
                    fence: try reply.number(at: 0), snapshot: try reply.snapshot(at: 1), missed: try reply.events(at: 2)
                ))
        case "changed": return .changed
        case "soon": return .soon
        case "gone": return .gone
        case "rebuilding": return .rebuilding(try reply.number(at: 0))
        default: throw reply.unexpected
        }
    }

    // MARK: Holding

    /// Puts seats back that Redis lost. They keep their fences; what another epoch did not grant stays away.
    ///
    /// - Parameter seq: the last event that the node has seen; numbers go on after it.
    func restore(
        _ room: RoomID, node: String, meeting: MeetingID, mediaNode: String, startedAt: Int, seq: Int = 0,
        rules known: RoomEvent.Room = .init(), seats: [SeatRecovery]
    ) async throws -> RestoreOutcome {
        var arguments: [RedisArgument] = [
            .init(node), .init(meeting.rawValue), .init(mediaNode), .init(startedAt), .init(seq),
            .init(try Self.text(known.policy)), .init(known.locked ? "1" : "0"), .init(known.spotlight?.rawValue ?? ""),
            .init((known.blocked ?? []).map(\.rawValue).sorted().joined(separator: ",")),
        ]
        for seat in seats {
            let participant = seat.entry.participant
            arguments += [
                .init(participant.id.rawValue), .init(seat.fence), .init(seat.epoch), .init(try seat.entry.encoded()),
                .init(try RoomEvent.updated(participant).encodedBody()),
            ]
        }
        let reply = try await call(SeatScript.restore, room, arguments)
        return RestoreOutcome(
            epoch: reply.epoch, lost: try reply.lost(at: 0), meeting: MeetingID(try reply.text(at: 1)),
            mediaNode: try reply.text(at: 2))
    }

    /// Replaces a participant's entry and tells the room, unless it changes nothing that others see.
    ///
    /// - Parameter ticket: is used up, if nobody else has used it.
    func update(
        _ room: RoomID, fence: Int, entry: SeatEntry, ticket: String? = nil, announced: Bool = true
    ) async throws -> UpdateOutcome {
        let event = announced ? try RoomEvent.updated(entry.participant).encodedBody() : []
        let reply = try await call(
            SeatScript.update, room, key: ticket.map { SeatKeys(room).ticket($0) },
            [
                .init(entry.participant.id.rawValue), .init(fence), .init(entry.node), .init(try entry.encoded()),
                .init(event), .init(Limits.ticket * 2),
            ])
        if reply.status == "used" { return .ticketUsed }
        let outcome = try reply.fenced()
        return outcome == .done ? .done : .notHeld(outcome)
    }

    /// Renews the leases of this node in one room, all in one call. Without seats it only ends leases that are over.
    func renew(_ room: RoomID, seats: [(participant: ParticipantID, fence: Int)]) async throws -> RenewOutcome {
        let reply = try await call(
            SeatScript.renew, room,
            seats.flatMap { [RedisArgument($0.participant.rawValue), RedisArgument($0.fence)] })
        let next = try reply.number(at: 2)
        return RenewOutcome(
            epoch: reply.epoch, seq: try reply.number(at: 1), lost: try reply.lost(at: 0),
            nextExpiry: next < 0 ? nil : next)
    }

    /// Gives a seat up.
    ///
    /// - Parameter fence: nothing to give it up whatever its fence is.
    func leave(
        _ room: RoomID, _ participant: ParticipantID, fence: Int?, reason: RoomEvent.Left.Reason
    ) async throws -> FencedOutcome {
        let event = RoomEvent.left(.init(id: participant, reason: reason))
        return try await call(
            SeatScript.leave, room,
            [
                .init(participant.rawValue), .init(fence.map(String.init) ?? "any"), .init(try event.encodedBody()),
            ]
        ).fenced()
    }

    // MARK: Calls

    func call(
        _ script: RedisScript, _ room: RoomID, key: String? = nil, _ arguments: [RedisArgument]
    ) async throws -> SeatReply {
        let keys = SeatKeys(room).all + (key.map { [$0] } ?? [])
        let common: [RedisArgument] = [
            .init(rules.seats), .init(rules.lease), .init(Limits.eventLog), .init(rules.rebuild),
            .init(rules.rebuildWithData), .init(rules.silence), .init(rules.chatRetention),
        ]
        let reply = try SeatReply(
            await redis.evaluate(mutation(script), keys: keys, arguments: common + arguments), room: room,
            seen: seen)
        // In this order: at the end of a meeting whoever is still inside leaves, at that moment.
        for seat in reply.expired { notice(room, .expired(seat.entry, at: seat.end)) }
        if let meeting = reply.ended { notice(room, .meetingEnded(meeting)) }
        return reply
    }
}
