import Logging
import NIOCore

/// Who listens to which channel, over every reconnect and every move of a slot. Bound to one event loop.
///
/// Each channel is subscribed once, by `SSUBSCRIBE` at the primary that owns its slot, whoever listens. `arrange` brings the
/// subscriptions to where they should be; it is called after everything that may have changed that.
final class RedisSubscriptions {
    private struct Subscriber {
        let id: Int
        let receive: @Sendable (ByteBuffer) -> Void
        let interrupted: @Sendable () -> Void
        /// Nil once Redis has confirmed; only then are messages delivered.
        var pending: Pending?
    }

    private struct Pending {
        let promise: EventLoopPromise<Int>
        let timeout: Scheduled<Void>
    }

    private struct Channel {
        let slot: RedisSlot
        var place = RedisChannelPlace()
        var subscribers: [Subscriber] = []
    }

    private let cluster: RedisCluster
    private let limits: RedisLimits
    private let timeout: TimeAmount
    private let logger: Logger
    private var channels: [String: Channel] = [:]
    private var pendingCount = 0
    private var lastID = 0
    private var retry: Scheduled<Void>?
    private var backoff = RedisBackoff()
    private var isClosed = false

    init(cluster: RedisCluster, limits: RedisLimits, timeout: TimeAmount, logger: Logger) {
        self.cluster = cluster
        self.limits = limits
        self.timeout = timeout
        self.logger = logger
        cluster.onPush = { [weak self] in self?.pushed($0, by: $1) }
        cluster.onSubscriberLoss = { [weak self] in self?.lost($0) }
    }

    // MARK: Coming and going

    /// - Returns: the number to cancel with. Fails with a `RedisError` if Redis does not confirm in time.
    func add(
        channel name: String, receive: @escaping @Sendable (ByteBuffer) -> Void,
        interrupted: @escaping @Sendable () -> Void
    ) -> EventLoopFuture<Int> {
        guard !isClosed else { return cluster.eventLoop.makeFailedFuture(RedisError.shutDown) }
        guard pendingCount < limits.pendingCommands else {
            return cluster.eventLoop.makeFailedFuture(RedisError.tooMuch)
        }
        lastID += 1
        let id = lastID
        let promise = cluster.eventLoop.makePromise(of: Int.self)
        let timeout = cluster.eventLoop.assumeIsolated().scheduleTask(in: timeout) {
            self.giveUp(id, channel: name, RedisError(.connection, "Redis does not confirm the subscription"))
        }
        pendingCount += 1
        channels[name, default: Channel(slot: RedisSlot(key: name))].subscribers.append(
            Subscriber(
                id: id, receive: receive, interrupted: interrupted,
                pending: Pending(promise: promise, timeout: timeout)))
        if case .listening = channels[name]?.place.state { confirm(name, again: false) } else { arrange(name) }
        return promise.futureResult
    }

    /// No callback is made afterwards. The future waits for Redis and never fails.
    func remove(_ id: Int, channel name: String) -> EventLoopFuture<Void> {
        let node = channels[name]?.place.node
        forget(id, channel: name, RedisError(.closed, "the subscription was cancelled"))
        guard channels[name] == nil, let node else { return cluster.eventLoop.makeSucceededVoidFuture() }
        return leave(name, at: node)
    }

    func shutDown() {
        isClosed = true
        retry?.cancel()
        let all = channels.values.flatMap(\.subscribers)
        channels = [:]
        for subscriber in all {
            settle(subscriber, .failure(.shutDown))
        }
    }

    private func giveUp(_ id: Int, channel name: String, _ error: RedisError) {
        let node = channels[name]?.place.node
        forget(id, channel: name, error)
        if channels[name] == nil, let node { _ = leave(name, at: node) }
    }

    private func forget(_ id: Int, channel name: String, _ error: RedisError) {
        guard let index = channels[name]?.subscribers.firstIndex(where: { $0.id == id }),
            let subscriber = channels[name]?.subscribers.remove(at: index)
        else { return }
        if channels[name]?.subscribers.isEmpty == true { channels[name] = nil }
        settle(subscriber, .failure(error))
    }

    private func settle(_ subscriber: Subscriber, _ result: Result<Int, RedisError>) {
        guard let pending = subscriber.pending else { return }
        pendingCount -= 1
        pending.timeout.cancel()
        pending.promise.completeWith(result)
    }

    // MARK: Places

    /// Brings every channel to the owner of its slot.
    func arrange() {
        for name in channels.keys {
            arrange(name)
        }
    }

    private func arrange(_ name: String) {
        guard let channel = channels[name], let owner = cluster.topology?.owner(of: channel.slot),
            let link = cluster.subscriberLink(to: owner), link.isConnected,
            let step = channels[name]?.place.move(to: owner)
        else { return }
        if let old = step.leave { _ = leave(name, at: old) }
        guard step.ask != nil else { return }
        link.sendNow(["SSUBSCRIBE", RedisArgument(name)]).assumeIsolated().whenComplete { result in
            self.answered(step.number, channel: name, by: owner, result)
        }
    }

    private func leave(_ name: String, at node: RedisNode) -> EventLoopFuture<Void> {
        guard let link = cluster.existingSubscriberLink(to: node), link.isConnected else {
            return cluster.eventLoop.makeSucceededVoidFuture()
        }
        return link.unsubscribe(name).recover { _ in }
    }

    private func answered(
        _ number: Int, channel name: String, by node: RedisNode, _ result: Result<RESPValue, any Error>
    ) {
        switch result {
        case .success:
            guard channels[name]?.place.answered(number, confirms: true) == true else { return }
            backoff.reset()
            confirm(name, again: true)
        case .failure(let error):
            guard channels[name]?.place.answered(number, confirms: false) == true else { return }
            if let error = error as? RedisError, case .server = error.code { refused(name, by: node, error) }
        // Without a connection: it will be arranged when there is one.
        }
    }

    /// `interrupted` comes right before the first message of the new subscription.
    ///
    /// - Parameter again: the channel is subscribed anew; otherwise somebody has joined those who listen.
    private func confirm(_ name: String, again: Bool) {
        guard let subscribers = channels[name]?.subscribers else { return }
        for index in subscribers.indices {
            channels[name]?.subscribers[index].pending = nil
        }
        for subscriber in subscribers {
            if subscriber.pending != nil {
                settle(subscriber, .success(subscriber.id))
            } else if again {
                subscriber.interrupted()
            }
        }
    }

    private func refused(_ name: String, by node: RedisNode, _ error: RedisError) {
        switch RedisRedirect(line: error.message, by: node) {
        case .moved(let slot, let owner):
            cluster.moved(slot, to: owner, by: node)
            if channels[name]?.place.isLost == true { arrangeLater() } else { arrange(name) }
        case .ask, .later:
            cluster.look(notAt: node)
            arrangeLater()
        case nil:
            logger.warning("Redis refuses a subscription", metadata: ["error": "\(error.message)"])
            for subscriber in channels[name]?.subscribers ?? [] where subscriber.pending != nil {
                forget(subscriber.id, channel: name, error)
            }
            arrangeLater()
        }
    }

    private func arrangeLater() {
        guard retry == nil else { return }
        retry = cluster.eventLoop.assumeIsolated().scheduleTask(in: backoff.next()) {
            self.retry = nil
            self.arrange()
        }
    }

    // MARK: What nodes tell

    private func pushed(_ push: RedisPush, by node: RedisNode) {
        switch push {
        case .message(let channel, let payload):
            deliver(payload, channel: String(decoding: channel, as: UTF8.self), by: node)
        case .dropped(let channel):
            let name = String(decoding: channel, as: UTF8.self)
            guard channels[name]?.place.dropped(by: node) == true else { return }
            cluster.look(at: node)
            arrange(name)
        }
    }

    private func deliver(_ payload: [UInt8], channel name: String, by node: RedisNode) {
        guard let channel = channels[name], channel.place.isListening(to: node) else { return }
        let message = ByteBuffer(bytes: payload)
        for subscriber in channel.subscribers {
            subscriber.receive(message)
        }
    }

    private func lost(_ node: RedisNode) {
        for name in channels.keys {
            channels[name]?.place.lost(node)
        }
    }
}
