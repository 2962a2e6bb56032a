/// Who owns which slot, as far as is known. A Redis without cluster is one node that owns all.
struct RedisTopology: Equatable, Sendable {
    /// Every owner once, in the order of their first slots. Empty for a cluster whose slots have no owners yet.
    private(set) var primaries: [RedisNode]
    let isCluster: Bool
    /// Per slot the index in `primaries`, or `nobody`.
    private var owners: [UInt16]

    private static let nobody = UInt16.max

    init(standalone node: RedisNode) {
        primaries = [node]
        isCluster = false
        owners = Array(repeating: 0, count: RedisSlot.count)
    }

    /// A cluster whose slots have no owners.
    private init() {
        primaries = []
        isCluster = true
        owners = Array(repeating: Self.nobody, count: RedisSlot.count)
    }

    /// - Parameters:
    ///   - reply: to `CLUSTER SLOTS`. An error means that the server knows no cluster, or does not tell.
    ///   - teller: the node that answered.
    /// - Throws: `RedisError` with `.invalidReply`.
    init(reply: RESPValue, by teller: RedisNode) throws {
        if case .error = reply {
            self.init(standalone: teller)
            return
        }
        guard let ranges = reply.array else { throw Self.odd }
        self.init()
        for range in ranges {
            try add(range, by: teller)
        }
    }

    /// - Parameter range: first slot, last slot, the primary, and its replicas, which are not used.
    private mutating func add(_ range: RESPValue, by teller: RedisNode) throws {
        guard let parts = range.array, parts.count >= 3, let first = parts[0].int, let last = parts[1].int,
            (0..<RedisSlot.count).contains(first), (first..<RedisSlot.count).contains(last),
            let primary = parts[2].array, primary.count >= 2, let port = primary[1].int,
            let node = RedisNode(announcedHost: primary[0].string, port: port, by: teller)
        else { throw Self.odd }
        let index = index(of: node)
        for slot in first...last {
            owners[slot] = index
        }
    }

    private mutating func index(of node: RedisNode) -> UInt16 {
        if let index = primaries.firstIndex(of: node) { return UInt16(index) }
        // More owners than slots can only be nonsense.
        guard primaries.count < RedisSlot.count else { return Self.nobody }
        primaries.append(node)
        return UInt16(primaries.count - 1)
    }

    /// Nil if nobody owns the slot just now.
    func owner(of slot: RedisSlot) -> RedisNode? {
        let index = owners[slot.number]
        return index == Self.nobody ? nil : primaries[Int(index)]
    }

    /// One slot has a new owner. The old one stays a primary until the next whole map.
    mutating func move(_ slot: RedisSlot, to node: RedisNode) {
        owners[slot.number] = index(of: node)
    }

    private static let odd = RedisError(.invalidReply, "CLUSTER SLOTS is answered with an odd value")
}
