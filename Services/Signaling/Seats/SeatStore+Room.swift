import ParleyProtocol
import Redis

// What concerns the room as a whole: chat, log, media node, end.
extension SeatStore {
    /// A client sends a message again within the resume grace; this is far more.
    private static let idempotencySeconds = 300

    /// Adds a message to the room's chat, once for each idempotency key of its sender.
    func send(
        _ draft: ChatDraft, key: String?, to room: RoomID, fence: Int
    ) async throws -> ChatOutcome {
        let keys = SeatKeys(room)
        let event = RoomEvent.chat(.init(from: draft.from, text: draft.text))
        let reply = try await call(
            SeatScript.chat, room, key: key.map { keys.idempotency(draft.from, $0) } ?? keys.chat,
            [
                .init(draft.from.rawValue), .init(fence), .init(try WireJSON.encode(draft)),
                .init(try event.encodedBody()), .init(Limits.chatHistory), .init(Limits.chatHistoryBytes),
                .init(key == nil ? 0 : Self.idempotencySeconds),
            ])
        let outcome = try reply.fenced()
        return outcome == .done ? .sent(try reply.number(at: 0)) : .notHeld(outcome)
    }

    func snapshot(_ room: RoomID) async throws -> RoomSnapshot {
        try await call(SeatScript.snapshot, room, []).snapshot(at: 0)
    }

    /// The events that came after `known`; nothing when the log does not reach back so far, or is another one.
    func events(_ room: RoomID, after known: EventOrder) async throws -> [RoomMessage]? {
        try await call(SeatScript.events, room, [.init(known.epoch), .init(known.seq), .init(Self.mostEventBytes)])
            .events(at: 0)
    }

    /// Gives the meeting the media node `proposed` if it still has the one that the caller knows.
    ///
    /// - Returns: the meeting's media node; empty when there is no meeting.
    func pinMediaNode(_ room: RoomID, known: String, proposed: String) async throws -> String {
        let event = try RoomEvent.mediaMoved.encodedBody()
        return try await call(SeatScript.pin, room, [.init(known), .init(proposed), .init(event)]).text(at: 0)
    }

    /// Ends the running meeting at once: all seats are free, and all nodes are told.
    ///
    /// - Parameter closed: nobody may come in any more.
    func end(_ room: RoomID, reason: MeetingEnd, closed: Bool) async throws {
        let event = try RoomEvent.meetingEnded(reason).encodedBody()
        _ = try await call(SeatScript.end, room, [.init(event), .init(closed ? "1" : "0")]).fenced()
    }

    func isRunning(_ room: RoomID, _ meeting: MeetingID) async throws -> Bool {
        try await call(SeatScript.running, room, []).text(at: 0) == meeting.rawValue
    }

    /// Of rooms where a meeting runs.
    func states(_ rooms: [RoomID]) async throws -> [RoomID: RunningRoom] {
        try await withThrowingTaskGroup(of: (RoomID, RunningRoom).self) { group in
            for room in rooms {
                group.addTask {
                    let keys = SeatKeys(room)
                    let state = try await redis.evaluate(
                        mutation(SeatScript.state), keys: [keys.meta, keys.roster], arguments: [])
                    let words = state.array?.compactMap(\.string) ?? []
                    return (room, RunningRoom(locked: words.first == "1", moderated: words.last == "1"))
                }
            }
            return try await group.reduce(into: [:]) { found, state in found[state.0] = state.1 }
        }
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
}
