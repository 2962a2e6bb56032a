import Logging
import Metrics
import NIOCore
import ServiceLifecycle

/// A client of one Redis or of a Redis Cluster; which of them it is, the server tells. To each primary there is one connection
/// for commands, and one for subscriptions that is made when the first is wanted.
///
/// Commands of many tasks are pipelined on the one connection, so none of them may block the server's answer to the others:
/// no `BLPOP` and the like, no `MULTI`, and never `SSUBSCRIBE`, `MONITOR` or `CLIENT REPLY`. `run()` keeps the connections alive;
/// commands that come while they are away wait for at most the command timeout, and then as long again for their answer.
/// Cancelling a task does not recall its command, and ends no wait: all waits are bounded so.
///
/// A command goes to the owner of the slot of its key, which is the first word after the command's name, or of a script the
/// first of its keys. Commands and scripts with several keys must keep them in one slot (see `RedisScript`). Redirects of a
/// cluster are followed, and "not now" is tried again, as long as a command may wait for a connection.
public final class RedisClient: Service {
    /// What lives on the event loop.
    private struct Core {
        let cluster: RedisCluster
        let router: RedisRouter
        let subscriptions: RedisSubscriptions
        var hasStarted = false
    }

    private let eventLoop: any EventLoop
    private let timeout: TimeAmount
    private let core: NIOLoopBoundBox<Core>
    private let commandCount = Counter(label: "redis_commands_total")

    public convenience init(
        _ configuration: RedisConfiguration, eventLoopGroup: any EventLoopGroup, logger: Logger
    ) {
        self.init(configuration, limits: RedisLimits(), eventLoopGroup: eventLoopGroup, logger: logger)
    }

    init(
        _ configuration: RedisConfiguration, limits: RedisLimits, eventLoopGroup: any EventLoopGroup, logger: Logger
    ) {
        let eventLoop = eventLoopGroup.next()
        self.eventLoop = eventLoop
        timeout = TimeAmount(boundedBy: configuration.commandTimeout)
        let cluster = RedisCluster(configuration: configuration, limits: limits, eventLoop: eventLoop, logger: logger)
        let router = RedisRouter(cluster: cluster, limits: limits)
        let subscriptions = RedisSubscriptions(cluster: cluster, limits: limits, timeout: timeout, logger: logger)
        cluster.onChange = { [weak router, weak subscriptions] in
            router?.serveWaiting(hasNews: true)
            subscriptions?.arrange()
        }
        core = .makeBoxSendingValue(
            Core(cluster: cluster, router: router, subscriptions: subscriptions), eventLoop: eventLoop)
    }

    // MARK: Life

    /// Connects, and connects again whenever that is needed, until graceful shutdown or cancellation. Never throws because
    /// Redis is away. After a graceful shutdown, commands on their way are still answered.
    ///
    /// - Throws: `RedisError` with `.closed` when called a second time.
    public func run() async throws {
        try await eventLoop.submit { try self.start() }.get()
        var isGraceful = true
        do {
            try await gracefulShutdown()
        } catch {
            isGraceful = false
        }
        await shutDown(drains: isGraceful)
    }

    private func start() throws {
        guard !core.value.hasStarted else { throw RedisError.shutDown }
        core.value.hasStarted = true
        core.value.cluster.start()
    }

    private func shutDown(drains: Bool) async {
        let gone = eventLoop.flatSubmit {
            self.core.value.subscriptions.shutDown()
            self.core.value.router.shutDown()
            return self.core.value.cluster.shutDown(drains: drains)
        }
        try? await gone.get()
    }

    /// Whether Redis answers now, on every connection that is in use; of a cluster, more than half of its primaries. Takes at
    /// most the command timeout.
    public func isReady() async -> Bool {
        let isReady = eventLoop.flatSubmit { self.core.value.cluster.isReady() }
        return (try? await isReady.get()) ?? false
    }

    // MARK: Commands

    /// Sends one command and waits for its answer.
    ///
    /// - Throws: `RedisError`; an error of the server has the code `.server`.
    @discardableResult
    public func send(_ command: RedisArgument...) async throws -> RESPValue {
        try await send(command)
    }

    /// The same for a command that is built at run time.
    @discardableResult
    public func send(_ command: [RedisArgument]) async throws -> RESPValue {
        guard let reply = try await pipeline([command]).first else {
            throw RedisError(.invalidReply, "no reply")
        }
        return try reply.orThrow()
    }

    /// Sends commands together, those of one slot in order and with nothing of this client between them unless the slot is just
    /// moving. Errors of the server are values in the result, which has one value per command, in the same order wherever the
    /// commands have gone. More than 16,384 at once are refused as `.overloaded`.
    ///
    /// - Throws: `RedisError` if there are not all answers in time.
    public func pipeline(_ commands: [[RedisArgument]]) async throws -> [RESPValue] {
        guard !commands.isEmpty else { throw RedisError(.invalidArgument, "no command") }
        let encoded = try commands.map(RedisCommand.init)
        commandCount.increment(by: encoded.count)
        let promise = eventLoop.makePromise(of: [RESPValue].self)
        let deadline = NIODeadline.now() + timeout
        eventLoop.execute {
            self.core.value.router.route(
                RedisRequest(encoded, deadline: deadline) { promise.completeWith($0) })
        }
        return try await promise.futureResult.get()
    }

    /// Calls a script by its SHA-1, and sends its source if the server does not know it.
    ///
    /// - Parameter keys: all in one slot.
    /// - Throws: `RedisError`.
    public func evaluate(
        _ script: RedisScript, keys: [String], arguments: [RedisArgument] = []
    ) async throws -> RESPValue {
        let rest = [RedisArgument(keys.count)] + keys.map { RedisArgument($0) } + arguments
        do {
            return try await send(["EVALSHA", RedisArgument(script.sha1)] + rest)
        } catch let error as RedisError where error.code == .server("NOSCRIPT") {
            return try await send(["EVAL", RedisArgument(script.source)] + rest)
        }
    }

    // MARK: Subscriptions

    /// Listens to a channel and returns when Redis has confirmed it. What is published there by `SPUBLISH` is received, and
    /// nothing that is published by `PUBLISH`.
    ///
    /// - Parameters:
    ///   - receive: called on the event loop for each message, in order. It must not block.
    ///   - interrupted: called on the same event loop when the subscription had to be made anew, because the connection was lost
    ///     or the channel's slot has moved, and before the first message that follows: messages may be missing.
    /// - Throws: `RedisError` if that cannot be done within the command timeout.
    public func subscribe(
        to channel: String, receive: @escaping @Sendable (ByteBuffer) -> Void,
        interrupted: @escaping @Sendable () -> Void
    ) async throws -> RedisSubscription {
        commandCount.increment()
        let id = try await eventLoop.flatSubmit {
            self.core.value.subscriptions.add(channel: channel, receive: receive, interrupted: interrupted)
        }.get()
        return RedisSubscription(channel: channel) { await self.unsubscribe(id, channel: channel) }
    }

    private func unsubscribe(_ id: Int, channel: String) async {
        let done = eventLoop.flatSubmit { self.core.value.subscriptions.remove(id, channel: channel) }
        try? await done.get()
    }
}
