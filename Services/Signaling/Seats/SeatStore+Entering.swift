import Foundation
import ParleyProtocol
import Redis

// The way to a seat: lobby, line, seat.
extension SeatStore {
    /// Takes a seat, if there is one, the ticket has not been used and nobody has to admit the person.
    ///
    /// - Parameters:
    ///   - isExpired: whether the ticket is too old for anybody but who has come with it before.
    ///   - meeting: becomes the meeting's id if none runs.
    ///   - mediaNode: becomes the meeting's media node if it has none; empty when none is known.
    ///   - waits: whether to stand in line when all seats are taken. To be called again to keep the place, as in the lobby.
    func join(
        _ room: RoomID, ticket: String, isExpired: Bool = false, entry: SeatEntry, meeting: MeetingID,
        mediaNode: String, waits: Bool = false, visitor: Visitor = Visitor()
    ) async throws -> JoinOutcome {
        let participant = entry.participant
        let knock = LobbyEntry(
            id: participant.id, name: participant.name, guest: participant.guest, colleague: visitor.kind == .colleague)
        let reply = try await call(
            SeatScript.join, room, key: SeatKeys(room).ticket(ticket),
            [
                .init(participant.id.rawValue), .init(entry.node), .init(try entry.encoded()),
                .init(try RoomEvent.joined([participant]).encodedBody()),
                .init(try RoomEvent.updated(participant).encodedBody()), .init(meeting.rawValue),
                .init(mediaNode), .init(Limits.ticket * 2), .init(waits ? "1" : "0"), .init(rules.lineLease),
                .init(Limits.line), .init(isExpired ? "1" : "0"), .init(rules.ownerPause),
                .init(try Self.text(visitor.policy)), .init(visitor.kind.rawValue), .init(try WireJSON.encode(knock)),
                .init(Limits.lobby),
            ])
        switch reply.status {
        case "ok": return .joined(try reply.grant())
        case "waiting": return .waiting(try reply.number(at: 0))
        case "full": return .full
        case "knocking":
            guard let reason = ServerMessage.Waiting.Reason(rawValue: try reply.text(at: 0)) else {
                throw reply.unexpected
            }
            return .knocking(reason)
        case "denied": return .denied
        case "crowded": return .crowded
        case "outdated": return .outdated(try reply.policy(at: 0) ?? RoomPolicy())
        case "rebuilding": return .rebuilding(try reply.number(at: 0))
        case "used": return .ticketUsed
        case "late": return .late
        case "soon": return .soon
        case "closed": return .closed
        default: throw reply.unexpected
        }
    }

    /// Leaves line and lobby.
    func quit(_ room: RoomID, _ participant: ParticipantID) async throws {
        _ = try await call(SeatScript.quit, room, [.init(participant.rawValue)]).fenced()
    }

    // MARK: The lobby

    /// Who that is who waits, as it stands in Redis behind since when and why.
    private struct LobbyEntry: Codable {
        var id: ParticipantID
        var name: String
        var guest: Bool
        var colleague: Bool
    }

    /// Those who wait to be admitted, in the order of coming. Who waits for a moderator to be there comes in without.
    func lobby(_ room: RoomID) async throws -> [ServerMessage.Lobby.Person] {
        let values = try await redis.send("HVALS", .init(SeatKeys(room).lobby)).array ?? []
        let decoder = WireJSON.decoder
        return try values.compactMap { value -> ServerMessage.Lobby.Person? in
            let parts = (value.string ?? "").split(separator: " ", maxSplits: 2)
            guard parts.count == 3, let since = Double(parts[0]),
                parts[1] != ServerMessage.Waiting.Reason.moderator.rawValue
            else { return nil }
            let entry = try decoder.decode(LobbyEntry.self, from: Data(parts[2].utf8))
            return .init(
                id: entry.id, name: entry.name, guest: entry.guest, colleague: entry.colleague,
                since: Date(timeIntervalSince1970: since / 1_000))
        }
        .sorted { ($0.since, $0.id.rawValue) < ($1.since, $1.id.rawValue) }
    }

    /// Lets people of the lobby in, in the order of their coming, as soon as there are seats.
    ///
    /// - Parameters:
    ///   - moderator: who asks for it, with the fence of the seat.
    ///   - people: nothing for all who wait.
    func admit(
        _ people: [ParticipantID]?, to room: RoomID, by moderator: ParticipantID, fence: Int
    ) async throws -> ModerationOutcome {
        try await call(
            SeatScript.admit, room,
            [
                .init(moderator.rawValue), .init(fence), .init(rules.lineLease), .init(people == nil ? "1" : "0"),
            ] + (people ?? []).map { .init($0.rawValue) }
        ).moderation()
    }

    /// Lets somebody of the lobby not in.
    func deny(
        _ person: ParticipantID, in room: RoomID, by moderator: ParticipantID, fence: Int
    ) async throws -> ModerationOutcome {
        try await call(
            SeatScript.deny, room,
            [
                .init(moderator.rawValue), .init(fence), .init(person.rawValue), .init(Limits.ticket * 2),
            ]
        ).moderation()
    }

    // MARK: What holds in the room

    /// - Returns: with `done` also what directory is to be told.
    func lock(
        _ room: RoomID, _ locked: Bool, by moderator: ParticipantID, fence: Int
    ) async throws -> (outcome: ModerationOutcome, report: LockReport?) {
        let reply = try await call(
            SeatScript.lock, room, [.init(moderator.rawValue), .init(fence), .init(locked ? "1" : "0")])
        let outcome = try reply.moderation()
        guard outcome == .done else { return (outcome, nil) }
        let report = LockReport(
            locked: locked, lockVersion: try reply.number(at: 0), number: try reply.number(at: 1))
        return (outcome, report)
    }

    /// Takes a policy if it is newer than the one that is known.
    func setPolicy(_ room: RoomID, _ policy: RoomPolicy) async throws {
        _ = try await call(SeatScript.policy, room, [.init(try Self.text(policy))]).fenced()
    }

    /// As the scripts keep it; empty for what is usual.
    static func text(_ policy: RoomPolicy?) throws -> [UInt8] {
        try policy.map { try WireJSON.encode($0) } ?? []
    }
}
