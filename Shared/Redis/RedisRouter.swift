import Metrics
import NIOCore

/// Brings each command to the node that owns its slot, and follows what the nodes say about that. What cannot be sent now waits
/// here, in bounded numbers and for a bounded time. Bound to one event loop.
final class RedisRouter {
    /// A command that is sent on more often than this gets the last node's answer, which is an error.
    static let longestWay = 5
    /// How often requests that wait are looked after.
    private static let tick = TimeAmount.milliseconds(20)

    private let cluster: RedisCluster
    private let limits: RedisLimits
    private let redirects = Counter(label: "redis_redirects_total")
    private var waiting = RedisQueue<RedisRequest>()
    private var nextTick: Scheduled<Void>?
    private var isClosed = false

    init(cluster: RedisCluster, limits: RedisLimits) {
        self.cluster = cluster
        self.limits = limits
    }

    // MARK: Sending

    /// Sends now, or later, or fails the request.
    func route(_ request: RedisRequest) {
        guard !isClosed else { return request.fail(.shutDown) }
        guard let topology = cluster.topology else { return wait(request) }
        guard request.count > 1, request.askedNode == nil, topology.primaries.count > 1 else {
            return send(request, to: request.commands.first?.slot.flatMap(topology.owner))
        }
        let parts = RedisRoute.parts(of: request, in: topology)
        guard parts.count > 1 else { return send(request, to: parts.first?.node) }
        let gathering = RedisGathering(Array(repeating: .null, count: request.count), answer: request.answer)
        let requests = parts.map { part in
            (part.node, request.part(part.indexes, answer: gathering.part(part.indexes)))
        }
        for (node, request) in requests {
            send(request, to: node)
        }
    }

    private func send(_ request: RedisRequest, to node: RedisNode?) {
        guard let link = cluster.commandLink(to: request.askedNode ?? node) else { return wait(request) }
        let replies = request.askedNode == nil ? request.count : request.count * 2
        link.send(
            RedisBatch(bytes: request.bytes, count: replies) { result in
                self.answered(request, by: link.node, result)
            })
    }

    // MARK: Answers

    private func answered(_ request: RedisRequest, by node: RedisNode, _ result: Result<[RESPValue], RedisError>) {
        guard case .success(var replies) = result else { return request.answer(result) }
        if request.askedNode != nil {
            // The others are the answers to `ASKING`.
            replies = stride(from: 1, to: replies.count, by: 2).map { replies[$0] }
        }
        guard let detours = RedisDetours(replies, by: node), !isClosed, request.deadline > .now(),
            request.redirects < Self.longestWay || !detours.hasOtherNodes
        else {
            return request.answer(.success(replies))
        }
        follow(detours, of: request, replies, by: node)
    }

    private func follow(
        _ detours: RedisDetours, of request: RedisRequest, _ replies: [RESPValue], by node: RedisNode
    ) {
        redirects.increment()
        for (slot, owner) in detours.moves {
            cluster.moved(slot, to: owner, by: node)
        }
        let gathering = RedisGathering(replies, answer: request.answer)
        var next = detours.asked.map { owner, indexes in
            request.part(indexes, answer: gathering.part(indexes)).redirected(to: owner)
        }
        if !detours.moved.isEmpty {
            next.append(request.part(detours.moved, answer: gathering.part(detours.moved)).redirected(to: nil))
        }
        if let refusal = detours.refusal {
            wait(request.part(detours.refused, answer: gathering.part(detours.refused)).refused(with: refusal))
            cluster.look(notAt: node)
        }
        for request in next { route(request) }
    }

    // MARK: Waiting

    private func wait(_ request: RedisRequest) {
        guard request.count <= limits.pendingCommands - waiting.commands,
            request.size <= limits.pendingBytes - waiting.bytes
        else {
            return request.fail(.tooMuch)
        }
        waiting.append(request)
        scheduleTick()
    }

    private func scheduleTick() {
        guard nextTick == nil, !waiting.isEmpty else { return }
        nextTick = cluster.eventLoop.assumeIsolated().scheduleTask(in: Self.tick) {
            self.nextTick = nil
            self.serveWaiting(hasNews: false)
        }
    }

    /// - Parameter hasNews: a connection has come or the map has changed, so that those may go who waited for that.
    func serveWaiting(hasNews: Bool) {
        let now = NIODeadline.now()
        for request in waiting.takeAll() {
            if request.deadline <= now {
                request.expire()
            } else if request.refusal.map({ $0.pause <= now }) ?? hasNews {
                route(request)
            } else {
                waiting.append(request)
            }
        }
        scheduleTick()
    }

    func shutDown() {
        isClosed = true
        nextTick?.cancel()
        for request in waiting.takeAll() {
            request.fail(.shutDown)
        }
    }
}
