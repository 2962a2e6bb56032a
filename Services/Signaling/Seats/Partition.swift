import ParleyProtocol

/// A part of all rooms whose keys stand in one slot of a Redis Cluster, beside a mark of the memory that they are in.
///
/// A script can see only one slot. The mark tells each room's scripts whether Redis has lost its memory, which a room that has
/// no keys could not: its seats may have been lost, or nobody may ever have been in it.
struct Partition: Hashable, Sendable {
    /// Enough to spread over many primaries, few enough to be looked at every two seconds by every node.
    static let count = 64

    static let all = (0..<count).map { Partition(number: $0) }

    let number: Int

    private init(number: Int) {
        self.number = number
    }

    /// The partition of a room is the same for ever and at every node: 64-bit FNV-1a of its id.
    init(of room: RoomID) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in room.rawValue.utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        number = Int(hash % UInt64(Self.count))
    }

    /// The hash tag (Redis Cluster specification, "Hash tags").
    var tag: String { "{p:\(number)}" }

    /// HASH: `run` (run id of Redis), `epoch`, `until` (end of the rebuild window), `seen` (last call of any node), `term`
    /// (when all leases began anew), all times in ms.
    var mark: String { "\(tag):mark" }
}
