import ParleyProtocol
import Redis

/// Names of a room's keys in Redis. The hash tag keeps them in one slot of a cluster, as scripts need.
struct SeatKeys: Sendable {
    private let tag: String

    init(_ room: RoomID) {
        tag = "{r:\(room.rawValue)}"
    }

    var seats: String { "\(tag):s" }
    var roster: String { "\(tag):p" }
    var meta: String { "\(tag):m" }
    var log: String { "\(tag):l" }
    var chat: String { "\(tag):c" }
    var channel: String { "\(tag):ev" }

    /// In the order that every script expects.
    var all: [String] { [seats, roster, meta, log, chat, channel] }

    func ticket(_ id: String) -> String { "\(tag):t:\(id)" }

    func idempotency(_ participant: ParticipantID, _ key: String) -> String {
        "\(tag):k:\(participant.rawValue):\(key)"
    }
}
