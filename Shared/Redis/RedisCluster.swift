import Logging
import NIOCore

/// The servers of one Redis, be it one or a cluster: who owns which slot, and the connections to the owners. Bound to one
/// event loop.
///
/// Each new connection brings its node's map with it. The map is asked for again when a node says that a slot has moved or has
/// no owner, when a connection is lost or does not come about, and now and then.
final class RedisCluster {
    let eventLoop: any EventLoop
    /// Nil until the first node has told.
    private(set) var topology: RedisTopology?
    /// Called when a connection has come or the map has changed: what could not be sent may now be sent.
    var onChange: (() -> Void)?
    /// Called for what comes to subscribers.
    var onPush: ((RedisPush, RedisNode) -> Void)?
    /// Called when the connection of the subscribers to this node is lost or given up.
    var onSubscriberLoss: ((RedisNode) -> Void)?

    private let seeds: [RedisNode]
    private let limits: RedisLimits
    private let logger: Logger
    private let commands: RedisLinks
    private let subscribers: RedisLinks
    private var isRunning = false
    /// Also for a moment afterwards, because many commands may learn of the same change at once.
    private var isAsking = false
    private var nextLook: Scheduled<Void>?

    private static let askInterval = TimeAmount.milliseconds(100)

    init(configuration: RedisConfiguration, limits: RedisLimits, eventLoop: any EventLoop, logger: Logger) {
        self.eventLoop = eventLoop
        self.limits = limits
        self.logger = logger
        seeds = configuration.nodes
        let links = { (name: String) in
            RedisLinks(eventLoop: eventLoop) { node in
                let connector = RedisConnector(
                    node: node, configuration: configuration, limits: limits, eventLoop: eventLoop)
                return RedisLink(name: name, connector: connector, logger: logger)
            }
        }
        commands = links("commands")
        subscribers = links("subscriber")
        commands.prepare = { [weak self] in self?.prepareForCommands($0) }
        subscribers.prepare = { [weak self] in self?.prepareForSubscribers($0) }
    }

    private func prepareForCommands(_ link: RedisLink) {
        let node = link.node
        link.onConnect = { [weak self] in self?.learn($0) }
        link.onAbsence = { [weak self] in self?.missed(node) }
    }

    private func prepareForSubscribers(_ link: RedisLink) {
        let node = link.node
        link.onConnect = { [weak self] in self?.learn($0) }
        link.onAbsence = { [weak self] in self?.onSubscriberLoss?(node) }
        link.onPush = { [weak self] in self?.onPush?($0, node) }
    }

    // MARK: Life

    func start() {
        isRunning = true
        startSeeds()
        scheduleLook()
    }

    private func startSeeds() {
        for node in seeds {
            commands.link(to: node)
        }
    }

    /// - Parameter drains: whether commands on their way are still answered.
    /// - Returns: when all channels are gone.
    func shutDown(drains: Bool) -> EventLoopFuture<Void> {
        isRunning = false
        nextLook?.cancel()
        onChange = nil
        onPush = nil
        onSubscriberLoss = nil
        return .andAllComplete(
            [commands.shutDown(drains: drains), subscribers.shutDown(drains: false)], on: eventLoop)
    }

    /// Whether more than half of the primaries answer now, which of one is that one: the loss of one primary must not take
    /// every process out of service. Takes at most the command timeout.
    func isReady() -> EventLoopFuture<Bool> {
        let primaries = topology?.primaries ?? []
        let answers = primaries.compactMap { node -> EventLoopFuture<RESPValue>? in
            guard let link = commands.existing(node), link.isConnected,
                subscribers.existing(node)?.isConnected != false
            else { return nil }
            return link.sendNow(["PING"])
        }
        return EventLoopFuture.whenAllComplete(answers, on: eventLoop).map { results in
            results.count { (try? $0.get()) != nil } * 2 > primaries.count
        }
    }

    // MARK: Connections

    /// The connection to this node, or to any if there is none to prefer. Nil if it has to be waited for.
    func commandLink(to node: RedisNode?) -> RedisLink? {
        guard isRunning, let topology else { return nil }
        if let node {
            let link = commands.link(to: node)
            return link.isConnected ? link : nil
        }
        for node in topology.primaries {
            if let link = commands.existing(node), link.isConnected { return link }
        }
        return commands.connected.first
    }

    /// The connection for subscribers, which may still have to come. Nil before there is a map.
    func subscriberLink(to node: RedisNode) -> RedisLink? {
        isRunning ? subscribers.link(to: node) : nil
    }

    /// If it is there already.
    func existingSubscriberLink(to node: RedisNode) -> RedisLink? { subscribers.existing(node) }

    // MARK: The map

    /// A node has said that a slot has another owner.
    func moved(_ slot: RedisSlot, to node: RedisNode, by teller: RedisNode) {
        topology?.move(slot, to: node)
        look(at: teller)
    }

    /// Asks for the map: this node, which should know, or else any but the doubtful one, if there is a choice.
    func look(at node: RedisNode? = nil, notAt doubtful: RedisNode? = nil) {
        guard isRunning, !isAsking, let link = informant(node, notAt: doubtful) else { return }
        isAsking = true
        let teller = link.node
        let map = link.sendNow(["CLUSTER", "SLOTS"]).flatMapThrowing { try RedisTopology(reply: $0, by: teller) }
        map.assumeIsolated().whenComplete { result in
            if self.isRunning, case .success(let map) = result { self.learn(map) }
            self.eventLoop.assumeIsolated().scheduleTask(in: Self.askInterval) { self.isAsking = false }
        }
    }

    private func informant(_ node: RedisNode?, notAt doubtful: RedisNode?) -> RedisLink? {
        if let node, let link = commands.existing(node), link.isConnected { return link }
        let connected = commands.connected
        return connected.filter { $0.node != doubtful }.randomElement() ?? connected.first
    }

    private func learn(_ map: RedisTopology) {
        // A node that has lost its memory, or has not joined yet, knows nobody.
        let knowsNobody = map.primaries.isEmpty && topology?.primaries.isEmpty == false
        if !knowsNobody, map != topology {
            let level: Logger.Level = map.primaries == topology?.primaries ? .debug : .info
            logger.log(level: level, "Redis has told its slots", metadata: ["redis.primaries": "\(map.primaries)"])
            topology = map
            arrange(for: map)
        }
        onChange?()
    }

    /// One connection to each primary, and none to anybody else.
    private func arrange(for map: RedisTopology) {
        let nodes = map.primaries.isEmpty ? seeds : map.primaries
        for node in nodes {
            commands.link(to: node)
        }
        commands.keep(only: nodes)
        for node in subscribers.keep(only: nodes) {
            onSubscriberLoss?(node)
        }
    }

    /// Another node may know who has taken over. If nobody is left to ask, the first addresses are tried again; of a Redis
    /// without cluster there is nobody else.
    private func missed(_ node: RedisNode) {
        guard topology?.isCluster != false else { return }
        if commands.connected.isEmpty { startSeeds() } else { look(notAt: node) }
    }

    private func scheduleLook() {
        nextLook = eventLoop.assumeIsolated().scheduleTask(in: limits.lookInterval) {
            if self.topology?.isCluster == true { self.look() }
            self.scheduleLook()
        }
    }
}
