import ParleyProtocol
import Redis

/// Names of a room's keys in Redis. The hash tag keeps them in one slot of a cluster, as scripts need.
struct SeatKeys: Sendable {
    private let prefix: String
    private let mark: String

    init(_ room: RoomID) {
        let partition = Partition(of: room)
        prefix = "\(partition.tag):\(room.rawValue)"
        mark = partition.mark
    }

    /// ZSET: participant → end of the lease.
    var seats: String { "\(prefix):s" }
    /// HASH: participant → entry.
    var roster: String { "\(prefix):p" }
    var meta: String { "\(prefix):m" }
    /// STREAM, ids are `seq-0`.
    var log: String { "\(prefix):l" }
    /// LIST.
    var chat: String { "\(prefix):c" }
    /// ZSET: who stands in line → the order of coming.
    var line: String { "\(prefix):w" }
    /// ZSET: who stands in line → until when without a sign of life.
    var lineLeases: String { "\(prefix):x" }
    /// HASH: who waits to be admitted → since when, why and who that is; or `a` for who was admitted and stands in line.
    var lobby: String { "\(prefix):y" }
    /// ZSET: who waits to be admitted → until when without a sign of life.
    var lobbyLeases: String { "\(prefix):z" }
    /// Of the sharded publish/subscribe.
    var channel: String { "\(prefix):ev" }

    /// In the order that every script expects.
    var all: [String] { [seats, roster, meta, log, chat, line, lineLeases, lobby, lobbyLeases, channel, mark] }

    // The scripts make more: `…:g:PARTICIPANT` for each seat that was given up, `…:d:PARTICIPANT` for each person who was not let
    // in, and `…:k`, a SET of those who were sent to the lobby.

    func ticket(_ id: String) -> String { "\(prefix):t:\(id)" }

    func idempotency(_ participant: ParticipantID, _ key: String) -> String {
        "\(prefix):k:\(participant.rawValue):\(key)"
    }
}
