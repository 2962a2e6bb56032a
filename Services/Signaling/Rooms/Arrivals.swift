import NIOCore
import ParleyProtocol

/// `joined` events that wait a moment for others, so that when many come at once the rest is told of them in one event.
///
/// They go out when nobody has come for `pause`, `limit` after the first at the latest, and before any other event.
struct Arrivals: Sendable {
    static let pause: Duration = .milliseconds(5)
    static let limit: Duration = .milliseconds(50)

    private var messages: [RoomMessage] = []
    private var first: ContinuousClock.Instant = .now
    private var latest: ContinuousClock.Instant = .now

    var isEmpty: Bool { messages.isEmpty }

    /// When they are to go out.
    var due: ContinuousClock.Instant { min(latest + Self.pause, first + Self.limit) }

    mutating func add(_ message: RoomMessage) {
        latest = .now
        if messages.isEmpty { first = latest }
        messages.append(message)
    }

    mutating func takeAll() -> [RoomMessage] {
        defer { messages = [] }
        return messages
    }
}

extension RoomMessage {
    /// What browsers are sent of events that follow each other without a gap: `joined` that follow each other as one, with the
    /// number of the last.
    static func merged(_ messages: some Sequence<RoomMessage>) -> [[UInt8]] {
        var frames: [[UInt8]] = []
        var people: (list: [UInt8], messages: [RoomMessage]) = ([], [])
        func close() {
            defer { people = ([], []) }
            guard people.messages.count > 1, let last = people.messages.last else {
                return frames += people.messages.map(\.json)
            }
            frames.append(
                Array(#"{"seq":\#(last.seq),"type":"joined","participants":["#.utf8) + people.list + Array("]}".utf8))
        }
        for message in messages {
            guard let participants = message.joinedParticipants else {
                close()
                frames.append(message.json)
                continue
            }
            if !people.list.isEmpty { people.list.append(UInt8(ascii: ",")) }
            people.list += participants
            people.messages.append(message)
        }
        close()
        return frames
    }

    /// The people of a `joined` event as they stand in its JSON, without the brackets of the list.
    private var joinedParticipants: ArraySlice<UInt8>? {
        guard kind == .joined, let start = json.firstIndex(of: UInt8(ascii: "[")),
            let end = json.lastIndex(of: UInt8(ascii: "]")), start < end
        else { return nil }
        return json[(start + 1)..<end]
    }
}
