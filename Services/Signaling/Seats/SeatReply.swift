import Foundation
import ParleyProtocol
import Redis

/// An answer of a seat script: status, epoch, the meeting that ended, seats whose lease ended, and what belongs to the
/// operation, which `at` counts from 0.
struct SeatReply {
    let status: String
    let epoch: String
    let ended: EndedMeeting?
    /// The entries of seats whose lease ended, as this call found, and when it did.
    let expired: [(entry: SeatEntry, end: Date)]
    private let values: [RESPValue]
    private let seen: SeenSeats

    /// - Throws: `SeatReplyError` when Redis holds something that no script of this release has written.
    init(_ value: RESPValue, room: RoomID, seen: SeenSeats) throws {
        self.seen = seen
        guard let values = value.array, values.count >= 4, let status = values[0].string,
            let epoch = values[1].string, let over = values[2].array?.compactMap(\.string), over.count == 2,
            let removed = values[3].array
        else { throw SeatReplyError(detail: "no status") }
        self.values = Array(values.dropFirst(4))
        self.status = status
        self.epoch = epoch
        ended = over[0].isEmpty ? nil : EndedMeeting(room: room, meeting: MeetingID(over[0]), mediaNode: over[1])
        expired = stride(from: 0, to: removed.count - 1, by: 2).compactMap { index in
            guard let entry = try? StoredSeat(raw: removed[index].bytes ?? []).entry, let end = removed[index + 1].int
            else { return nil }
            return (entry, Date(timeIntervalSince1970: Double(end) / 1_000))
        }
    }

    var unexpected: SeatReplyError { SeatReplyError(detail: "status \(status)") }

    func fenced() throws -> FencedOutcome {
        switch status {
        case "ok": .done
        case "stale": .stale
        case "gone": .gone
        default: throw unexpected
        }
    }

    func grant() throws -> SeatGrant { SeatGrant(fence: try number(at: 0), snapshot: try snapshot(at: 1)) }

    /// Numbered events; nothing when the log does not reach back so far.
    func events(at index: Int) throws -> [RoomMessage]? {
        guard values.indices.contains(index) else { throw unexpected }
        guard let list = values[index].array else { return nil }
        return try list.map { entry in
            guard let message = RoomMessage(logged: entry.bytes ?? [], epoch: epoch) else { throw unexpected }
            return message
        }
    }

    func policy(at index: Int) throws -> RoomPolicy? { try Self.policy(try text(at: index)) }

    func moderation() throws -> ModerationOutcome {
        guard status != "forbidden" else { return .forbidden }
        guard status != "missing" else { return .missing }
        let outcome = try fenced()
        return outcome == .done ? .done : .notHeld(outcome)
    }

    func text(at index: Int) throws -> String { try Self.text(values, index) }

    func number(at index: Int) throws -> Int { try Self.number(values, index) }

    func lost(at index: Int) throws -> [LostSeat] {
        let words = try Self.list(values, index).compactMap(\.string)
        return try stride(from: 0, to: words.count - 1, by: 2).map { position in
            guard let reason = LostSeat.Reason(rawValue: words[position + 1]) else { throw unexpected }
            return LostSeat(participant: ParticipantID(words[position]), reason: reason)
        }
    }

    func snapshot(at index: Int) throws -> RoomSnapshot {
        let parts = try Self.list(values, index)
        let people = try Self.list(parts, 4).map { try seen.seat($0.bytes ?? []) }
            .sorted { ($0.joinedAt, $0.participant.id.rawValue) < ($1.joinedAt, $1.participant.id.rawValue) }
        let decoder = WireJSON.decoder
        let chat = try Self.list(parts, 5)
            .map { try decoder.decode(ChatMessage.self, from: Data($0.bytes ?? [])) }
        return RoomSnapshot(
            epoch: epoch, seq: try Self.number(parts, 0), meeting: MeetingID(try Self.text(parts, 1)),
            mediaNode: try Self.text(parts, 2), startedAt: Int(try Self.text(parts, 3)) ?? 0,
            people: people, chat: chat,
            rules: try Self.rules(parts),
            waiting: try Self.number(parts, 8))
    }

    private static func rules(_ parts: [RESPValue]) throws -> RoomEvent.Room {
        let (spotlight, blocked) = (try text(parts, 9), try text(parts, 10))
        return RoomEvent.Room(
            policy: try policy(try text(parts, 6)), locked: try text(parts, 7) == "1",
            spotlight: spotlight.isEmpty ? nil : ParticipantID(spotlight),
            blocked: blocked.isEmpty
                ? nil : blocked.split(separator: ",").compactMap { MediaSource(rawValue: String($0)) })
    }

    private static func policy(_ text: String) throws -> RoomPolicy? {
        text.isEmpty ? nil : try WireJSON.decoder.decode(RoomPolicy.self, from: Data(text.utf8))
    }

    private static func list(_ values: [RESPValue], _ index: Int) throws -> [RESPValue] {
        guard values.indices.contains(index), let list = values[index].array else {
            throw SeatReplyError(detail: "no list at \(index)")
        }
        return list
    }

    private static func text(_ values: [RESPValue], _ index: Int) throws -> String {
        guard values.indices.contains(index), let text = values[index].string else {
            throw SeatReplyError(detail: "no text at \(index)")
        }
        return text
    }

    private static func number(_ values: [RESPValue], _ index: Int) throws -> Int {
        guard values.indices.contains(index), let number = values[index].int else {
            throw SeatReplyError(detail: "no number at \(index)")
        }
        return number
    }
}

/// Redis answered something that no seat script answers.
struct SeatReplyError: Error, CustomStringConvertible {
    var detail: String

    var description: String { "an unexpected answer of a seat script: \(detail)" }
}
