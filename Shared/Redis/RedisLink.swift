import Logging
import Metrics
import NIOCore

/// A connection to one node that comes back by itself. Bound to one event loop.
final class RedisLink {
    private struct Attached {
        let handler: RedisChannelHandler
        let channel: any Channel
        let since: NIODeadline
    }

    private enum State {
        case idle
        case connecting
        case connected(Attached)
        /// Waiting for the next attempt.
        case away(Scheduled<Void>)
        case closed
    }

    let node: RedisNode
    let eventLoop: any EventLoop
    /// Called after each connect, with what the node knows of the cluster.
    var onConnect: ((RedisTopology) -> Void)?
    /// Called after each loss, and after each attempt to connect that failed.
    var onAbsence: (() -> Void)?
    /// Set before the first connect, and only on a link that does nothing but subscribe.
    var onPush: ((RedisPush) -> Void)?

    private let connector: RedisConnector
    private let limits: RedisLimits
    private let reconnects = Counter(label: "redis_reconnects_total")
    private var logger: Logger
    private var state = State.idle
    private var backoff = RedisBackoff()
    private var probe: Scheduled<Void>?
    private var hasConnected = false
    /// So that an absence is told once and not at every attempt.
    private var absenceIsLogged = false
    /// Ends when no channel of this link is left.
    private var channelGone: EventLoopFuture<Void>

    init(name: String, connector: RedisConnector, logger: Logger) {
        self.connector = connector
        node = connector.node
        limits = connector.limits
        eventLoop = connector.eventLoop
        channelGone = eventLoop.makeSucceededVoidFuture()
        self.logger = logger
        self.logger[metadataKey: "redis.link"] = "\(name)"
        self.logger[metadataKey: "redis.server"] = "\(node)"
    }

    private var attached: Attached? {
        if case .connected(let attached) = state { attached } else { nil }
    }

    var isConnected: Bool { attached != nil }

    // MARK: Commands

    /// Sends on this connection or not at all, and within the bounds.
    func send(_ batch: RedisBatch) {
        guard let attached else { return batch.fail(.notConnected) }
        guard batch.count <= limits.pendingCommands - attached.handler.pendingCommands,
            batch.size <= limits.pendingBytes - attached.handler.pendingBytes
        else {
            return batch.fail(.tooMuch)
        }
        attached.handler.send(batch)
    }

    /// Sends beyond the bounds: for what the client itself must say. Fails also with the error that the server answers.
    func sendNow(_ command: [RedisArgument]) -> EventLoopFuture<RESPValue> {
        let promise = eventLoop.makePromise(of: [RESPValue].self)
        do {
            guard let attached else { throw RedisError.notConnected }
            attached.handler.send(try RedisBatch([command]) { promise.completeWith($0) })
        } catch {
            promise.fail(error)
        }
        return promise.futureResult.flatMapThrowing { replies in
            guard let reply = replies.first else { throw RedisError(.invalidReply, "no reply") }
            return try reply.orThrow()
        }
    }

    /// Ends the subscription of a channel.
    ///
    /// `SUNSUBSCRIBE` is answered by the same push that tells of a slot that has moved, or, after such a move, by an error.
    /// Nobody could count these replies, so neither is taken for one, and the answer to the `PING` behind it is waited for.
    func unsubscribe(_ channel: String) -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        do {
            guard let attached else { throw RedisError.notConnected }
            let bytes = try RESPWriter.bytes(of: [["SUNSUBSCRIBE", RedisArgument(channel)], ["PING"]])
            var batch = RedisBatch(bytes: bytes, count: 1) { promise.completeWith($0.map { _ in }) }
            batch.ignoresErrors = true
            attached.handler.send(batch)
        } catch {
            promise.fail(error)
        }
        return promise.futureResult
    }

    // MARK: Connecting

    /// Begins to connect, unless that has been begun already.
    func start() {
        guard case .idle = state else { return }
        connect()
    }

    private func connect() {
        state = .connecting
        let greeting = connector.connect()
        greeting.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let greeting): self.connected(greeting)
            case .failure(let error): self.failedToConnect(error)
            }
        }
        channelGone = greeting.map { _ in }.recover { _ in }
    }

    private func connected(_ greeting: RedisGreeting) {
        guard case .connecting = state else {
            greeting.channel.close(promise: nil)
            return
        }
        guard let handler = try? greeting.channel.pipeline.syncOperations.handler(type: RedisChannelHandler.self),
            handler.isOpen
        else {
            return failedToConnect(RedisError(.connection, "the server closed the connection at once"))
        }
        state = .connected(Attached(handler: handler, channel: greeting.channel, since: .now()))
        channelGone = greeting.channel.closeFuture
        if onPush != nil {
            handler.onPush = { [weak self] in self?.onPush?($0) }
        }
        handler.onClose = { [weak self] in self?.lost($0) }
        logger.info("Connected to Redis")
        absenceIsLogged = false
        if hasConnected { reconnects.increment() }
        hasConnected = true
        scheduleProbe()
        onConnect?(greeting.topology)
    }

    private func failedToConnect(_ error: any Error) {
        guard case .connecting = state else { return }
        logAbsence("Cannot connect to Redis", error)
        connectLater()
    }

    private func lost(_ reason: RedisError) {
        guard let attached else { return }
        probe?.cancel()
        logAbsence("Lost the connection to Redis", reason)
        // A server that accepts and then hangs up must not be asked at the shortest delay for ever.
        if .now() - attached.since > RedisBackoff.longest { backoff.reset() }
        connectLater()
    }

    private func connectLater() {
        let delay = backoff.next()
        state = .away(eventLoop.assumeIsolated().scheduleTask(in: delay) { self.connect() })
        onAbsence?()
    }

    private func logAbsence(_ message: Logger.Message, _ error: any Error) {
        logger.log(level: absenceIsLogged ? .debug : .warning, message, metadata: ["error": "\(error)"])
        absenceIsLogged = true
    }

    // MARK: Signs of life

    /// Finds a peer that is gone without a word: the deadline of `PING` closes the connection.
    private func scheduleProbe() {
        probe = eventLoop.assumeIsolated().scheduleTask(in: limits.probeInterval) {
            guard let attached = self.attached else { return }
            let silence = NIODeadline.now() - attached.handler.lastSignOfLife
            if attached.handler.pendingCommands == 0, silence >= self.limits.probeInterval {
                _ = self.sendNow(["PING"])
            }
            self.scheduleProbe()
        }
    }

    // MARK: The end

    /// - Parameter drains: whether commands on their way are still answered, at most until their deadline.
    /// - Returns: when the channel is gone.
    @discardableResult
    func shutDown(drains: Bool) -> EventLoopFuture<Void> {
        let last = state
        state = .closed
        probe?.cancel()
        onConnect = nil
        onAbsence = nil
        onPush = nil
        switch last {
        case .connected(let attached):
            if drains { attached.handler.closeWhenDrained() } else { attached.handler.close(.shutDown) }
        case .away(let attempt):
            attempt.cancel()
        case .idle, .connecting, .closed:
            break
        }
        return channelGone
    }
}

extension RedisError {
    static let tooMuch = RedisError(.overloaded, "too many commands or bytes wait for Redis")
    static let notConnected = RedisError(.connection, "not connected")
}
