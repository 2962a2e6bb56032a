import Logging
import Metrics
import NIOCore

/// A connection that comes back by itself, with the commands that wait for it. Bound to one event loop.
final class RedisLink {
    private struct Attached {
        let handler: RedisChannelHandler
        let channel: any Channel
        let runID: Result<String, RedisError>
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

    let eventLoop: any EventLoop
    /// Called after each connect, before waiting commands are sent.
    var onConnect: (() -> Void)?
    /// Set before the first connect, and only on a link that does nothing but subscribe.
    var onMessage: ((_ channel: [UInt8], _ payload: [UInt8]) -> Void)?

    private let connector: RedisConnector
    private let limits: RedisLimits
    private let timeout: TimeAmount
    private let reconnects: Counter
    private var logger: Logger
    private var state = State.idle
    private var backoff = RedisBackoff()
    private var waiting = RedisBatchQueue()
    private var waitingTimer: Scheduled<Void>?
    private var probe: Scheduled<Void>?
    private var hasConnected = false
    /// So that an absence is told once and not at every attempt.
    private var absenceIsLogged = false
    /// Ends when no channel of this link is left.
    private var channelGone: EventLoopFuture<Void>

    init(name: String, configuration: RedisConfiguration, limits: RedisLimits, eventLoop: any EventLoop, logger: Logger)
    {
        self.eventLoop = eventLoop
        self.limits = limits
        connector = RedisConnector(configuration: configuration, limits: limits, eventLoop: eventLoop)
        timeout = TimeAmount(boundedBy: configuration.commandTimeout)
        reconnects = Counter(label: "redis_reconnects_total")
        channelGone = eventLoop.makeSucceededVoidFuture()
        self.logger = logger
        self.logger[metadataKey: "redis.link"] = "\(name)"
        self.logger[metadataKey: "redis.server"] = "\(configuration)"
    }

    var isConnected: Bool {
        if case .connected = state { true } else { false }
    }

    /// Of the server attached now, or nil without one.
    var runID: Result<String, RedisError>? {
        if case .connected(let attached) = state { attached.runID } else { nil }
    }

    // MARK: Commands

    /// Sends now, or when the connection is back, or fails the batch.
    func submit(_ batch: RedisBatch) {
        switch state {
        case .closed:
            batch.fail(.shutDown)
        case .connected(let attached):
            let (commands, bytes) = (attached.handler.pendingCommands, attached.handler.pendingBytes)
            guard hasRoom(for: batch, besides: commands, bytes) else { return batch.fail(.tooMuch) }
            attached.handler.send(batch)
        case .idle, .connecting, .away:
            guard hasRoom(for: batch, besides: waiting.commands, waiting.bytes) else { return batch.fail(.tooMuch) }
            var batch = batch
            batch.deadline = .now() + timeout
            waiting.append(batch)
            if waitingTimer == nil { scheduleWaitingTimer() }
        }
    }

    /// Sends on this connection or not at all, and beyond the bounds: for what the link itself must say.
    func sendNow(_ command: [RedisArgument]) -> EventLoopFuture<RESPValue> {
        let promise = eventLoop.makePromise(of: [RESPValue].self)
        do {
            guard case .connected(let attached) = state else { throw RedisError(.connection, "not connected") }
            attached.handler.send(try RedisBatch([command], promise: promise))
        } catch {
            promise.fail(error)
        }
        return promise.futureResult.flatMapThrowing { replies in
            guard let reply = replies.first else { throw RedisError(.invalidReply, "no reply") }
            return try reply.orThrow()
        }
    }

    private func hasRoom(for batch: RedisBatch, besides commands: Int, _ bytes: Int) -> Bool {
        batch.count <= limits.pendingCommands - commands
            && batch.bytes.readableBytes <= limits.pendingBytes - bytes
    }

    private func scheduleWaitingTimer() {
        guard let deadline = waiting.first?.deadline else {
            waitingTimer = nil
            return
        }
        waitingTimer = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            let now = NIODeadline.now()
            while let first = self.waiting.first, first.deadline <= now {
                _ = self.waiting.popFirst()
                first.fail(RedisError(.connection, "Redis cannot be reached"))
            }
            self.scheduleWaitingTimer()
        }
    }

    private func sendWaiting(to handler: RedisChannelHandler) {
        waitingTimer?.cancel()
        waitingTimer = nil
        for batch in waiting.takeAll() {
            handler.send(batch)
        }
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
        state = .connected(
            Attached(handler: handler, channel: greeting.channel, runID: greeting.runID, since: .now()))
        channelGone = greeting.channel.closeFuture
        if onMessage != nil {
            handler.onMessage = { [weak self] in self?.onMessage?($0, $1) }
        }
        handler.onClose = { [weak self] in self?.lost($0) }
        logger.info("Connected to Redis")
        absenceIsLogged = false
        if hasConnected { reconnects.increment() }
        hasConnected = true
        scheduleProbe()
        onConnect?()
        sendWaiting(to: handler)
    }

    private func failedToConnect(_ error: any Error) {
        guard case .connecting = state else { return }
        logAbsence("Cannot connect to Redis", error)
        connectLater()
    }

    private func lost(_ reason: RedisError) {
        guard case .connected(let attached) = state else { return }
        probe?.cancel()
        logAbsence("Lost the connection to Redis", reason)
        // A server that accepts and then hangs up must not be asked at the shortest delay for ever.
        if .now() - attached.since > RedisBackoff.longest { backoff.reset() }
        connectLater()
    }

    private func connectLater() {
        let delay = backoff.next()
        state = .away(eventLoop.assumeIsolated().scheduleTask(in: delay) { self.connect() })
    }

    private func logAbsence(_ message: Logger.Message, _ error: any Error) {
        logger.log(level: absenceIsLogged ? .debug : .warning, message, metadata: ["error": "\(error)"])
        absenceIsLogged = true
    }

    // MARK: Signs of life

    /// Finds a peer that is gone without a word: the deadline of `PING` closes the connection.
    private func scheduleProbe() {
        probe = eventLoop.assumeIsolated().scheduleTask(in: limits.probeInterval) {
            guard case .connected(let attached) = self.state else { return }
            let silence = NIODeadline.now() - attached.handler.lastSignOfLife
            if attached.handler.pendingCommands == 0, silence >= self.limits.probeInterval {
                _ = self.sendNow(["PING"])
            }
            self.scheduleProbe()
        }
    }

    /// Gives this connection up, so that a new one is made.
    func reconnect(because reason: RedisError) {
        guard case .connected(let attached) = state else { return }
        attached.handler.close(reason)
    }

    // MARK: The end

    /// - Parameter drains: whether commands on their way are still answered, at most until their deadline.
    /// - Returns: when the channel is gone.
    func shutDown(drains: Bool) -> EventLoopFuture<Void> {
        let last = state
        state = .closed
        probe?.cancel()
        waitingTimer?.cancel()
        waitingTimer = nil
        for batch in waiting.takeAll() {
            batch.fail(.shutDown)
        }
        switch last {
        case .connected(let attached):
            if drains { attached.handler.closeWhenDrained() } else { attached.handler.close(.shutDown) }
        case .away(let attempt):
            attempt.cancel()
        case .idle, .connecting, .closed:
            break
        }
        onConnect = nil
        onMessage = nil
        return channelGone
    }
}

extension RedisError {
    fileprivate static let tooMuch = RedisError(.overloaded, "too many commands or bytes wait for Redis")
}
