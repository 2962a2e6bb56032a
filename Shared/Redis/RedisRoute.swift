/// Where the commands of one request go.
enum RedisRoute {
    struct Part: Equatable {
        /// Nil: any node.
        let node: RedisNode?
        let indexes: [Int]
    }

    /// Commands without a key, or of a slot without owner, go with the command before them. Each part is in order.
    static func parts(of request: RedisRequest, in topology: RedisTopology) -> [Part] {
        var nodes: [RedisNode?] = []
        var indexes: [RedisNode?: [Int]] = [:]
        var last = request.commands.lazy.compactMap { $0.slot.flatMap(topology.owner) }.first
        for (index, command) in request.commands.enumerated() {
            last = command.slot.flatMap(topology.owner) ?? last
            if indexes[last] == nil { nodes.append(last) }
            indexes[last, default: []].append(index)
        }
        return nodes.map { Part(node: $0, indexes: indexes[$0] ?? []) }
    }
}

/// The replies of one node that name another one, or put off.
struct RedisDetours {
    private(set) var moves: [(slot: RedisSlot, owner: RedisNode)] = []
    /// Indexes of the replies, as in all that follow.
    private(set) var moved: [Int] = []
    private(set) var asked: [RedisNode: [Int]] = [:]
    private(set) var refused: [Int] = []
    /// The first such reply, which tells best why.
    private(set) var refusal: RESPValue?

    var hasOtherNodes: Bool { !moved.isEmpty || !asked.isEmpty }

    /// - Returns: nil if all are answers.
    init?(_ replies: [RESPValue], by node: RedisNode) {
        for (index, reply) in replies.enumerated() {
            switch RedisRedirect(reply, by: node) {
            case nil: break
            case .moved(let slot, let owner):
                moves.append((slot, owner))
                moved.append(index)
            case .ask(let node): asked[node, default: []].append(index)
            case .later:
                refused.append(index)
                refusal = refusal ?? reply
            }
        }
        guard hasOtherNodes || !refused.isEmpty else { return nil }
    }
}
