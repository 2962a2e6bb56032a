import NIOCore

/// The connections of one kind, at most one to each node. Bound to one event loop.
final class RedisLinks {
    /// Sets the callbacks of a new link before it connects.
    var prepare: ((RedisLink) -> Void)?

    private let make: (RedisNode) -> RedisLink
    private let eventLoop: any EventLoop
    private var links: [RedisNode: RedisLink] = [:]
    /// Not used any more, but still waiting for answers.
    private var leaving: [ObjectIdentifier: RedisLink] = [:]

    init(eventLoop: any EventLoop, make: @escaping (RedisNode) -> RedisLink) {
        self.eventLoop = eventLoop
        self.make = make
    }

    /// Connected, or about to be: a link is made and started when it is wanted for the first time.
    @discardableResult
    func link(to node: RedisNode) -> RedisLink {
        if let link = links[node] { return link }
        let link = make(node)
        links[node] = link
        prepare?(link)
        link.start()
        return link
    }

    /// Without making one.
    func existing(_ node: RedisNode) -> RedisLink? { links[node] }

    var connected: [RedisLink] { links.values.filter(\.isConnected) }

    /// Gives up the links to all other nodes, once their commands are answered.
    ///
    /// - Returns: those other nodes.
    @discardableResult
    func keep(only nodes: [RedisNode]) -> [RedisNode] {
        let others = links.filter { !nodes.contains($0.key) }
        for (node, link) in others {
            links[node] = nil
            let id = ObjectIdentifier(link)
            leaving[id] = link
            link.shutDown(drains: true).assumeIsolated().whenComplete { _ in self.leaving[id] = nil }
        }
        return Array(others.keys)
    }

    /// - Returns: when all channels are gone.
    func shutDown(drains: Bool) -> EventLoopFuture<Void> {
        let all = Array(links.values) + Array(leaving.values)
        links = [:]
        leaving = [:]
        return .andAllComplete(all.map { $0.shutDown(drains: drains) }, on: eventLoop)
    }
}
