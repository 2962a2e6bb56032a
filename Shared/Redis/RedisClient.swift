import Logging
import Metrics
import NIOCore
import ServiceLifecycle

/// A client of one Redis: one connection for commands, and one for subscriptions that is made when the first is wanted.
///
/// Commands of many tasks are pipelined on the one connection, so none of them may block the server's answer to the others:
/// no `BLPOP` and the like, no `MULTI` outside of one `pipeline`, and never `SUBSCRIBE`, `MONITOR` or `CLIENT REPLY`.
/// `run()` keeps the connections alive; commands that come while they are away wait for at most the command timeout, and then
/// as long again for their answer. Cancelling a task does not recall its command, and ends no wait: all waits are bounded so.
///
/// Commands and scripts with several keys must keep them in one slot (see `RedisScript`).
public final class RedisClient: Service {
    /// What lives on the event loop.
    private struct Core {
        let commands: RedisLink
        let subscriber: RedisLink
        let subscriptions: RedisSubscriptions
        var hasStarted = false
    }

    private let eventLoop: any EventLoop
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
        let commands = RedisLink(
            name: "commands", configuration: configuration, limits: limits, eventLoop: eventLoop, logger: logger)
        let subscriber = RedisLink(
            name: "subscriber", configuration: configuration, limits: limits, eventLoop: eventLoop, logger: logger)
        let subscriptions = RedisSubscriptions(link: subscriber, logger: logger)
        core = .makeBoxSendingValue(
            Core(commands: commands, subscriber: subscriber, subscriptions: subscriptions), eventLoop: eventLoop)
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
        core.value.commands.start()
        if !core.value.subscriptions.isEmpty { core.value.subscriber.start() }
    }

    private func shutDown(drains: Bool) async {
        let gone = eventLoop.flatSubmit {
            self.core.value.subscriptions.removeAll()
            let channels = [
                self.core.value.commands.shutDown(drains: drains),
                self.core.value.subscriber.shutDown(drains: false),
            ]
            return EventLoopFuture.andAllComplete(channels, on: self.eventLoop)
        }
        try? await gone.get()
    }

    /// Whether Redis answers now, on every connection that is in use. Takes at most the command timeout.
    public func isReady() async -> Bool {
        let isConnected = eventLoop.submit {
            let core = self.core.value
            return core.commands.isConnected && (core.subscriptions.isEmpty || core.subscriber.isConnected)
        }
        guard (try? await isConnected.get()) == true else { return false }
        return (try? await send("PING")) != nil
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

    /// Sends commands together, in order and with nothing of this client between them. Errors of the server are values in the
    /// result, which has one value per command. More than 16,384 at once are refused as `.overloaded`.
    ///
    /// - Throws: `RedisError` if there are not all answers in time.
    public func pipeline(_ commands: [[RedisArgument]]) async throws -> [RESPValue] {
        let batch = try RedisBatch(commands, promise: eventLoop.makePromise(of: [RESPValue].self))
        commandCount.increment(by: batch.count)
        eventLoop.execute { self.core.value.commands.submit(batch) }
        return try await batch.promise.futureResult.get()
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

    /// A name that the server chose when it started, as learned when the present connection was made. Costs a round trip only
    /// while there is no connection.
    ///
    /// - Throws: `RedisError`.
    public func runID() async throws -> String {
        let cached = try await eventLoop.submit { self.core.value.commands.runID }.get()
        if let cached { return try cached.get() }
        try await send("PING")
        guard let runID = try await eventLoop.submit({ self.core.value.commands.runID }).get() else {
            throw RedisError(.connection, "the connection was lost again")
        }
        return try runID.get()
    }

    // MARK: Subscriptions

    /// Listens to a channel and returns when Redis has confirmed it.
    ///
    /// - Parameters:
    ///   - receive: called on the event loop for each message, in order. It must not block.
    ///   - interrupted: called on the same event loop after a reconnect, before the first message that follows: messages
    ///     may be missing.
    /// - Throws: `RedisError` if that cannot be done within the command timeout.
    public func subscribe(
        to channel: String, receive: @escaping @Sendable (ByteBuffer) -> Void,
        interrupted: @escaping @Sendable () -> Void
    ) async throws -> RedisSubscription {
        let batch = try RedisBatch(
            [["SUBSCRIBE", RedisArgument(channel)]], promise: eventLoop.makePromise(of: [RESPValue].self))
        commandCount.increment()
        let id = try await eventLoop.flatSubmit {
            if self.core.value.hasStarted { self.core.value.subscriber.start() }
            return self.core.value.subscriptions.add(
                channel: channel, batch: batch, receive: receive, interrupted: interrupted)
        }.get()
        return RedisSubscription(channel: channel) { await self.unsubscribe(id, channel: channel) }
    }

    private func unsubscribe(_ id: Int, channel: String) async {
        let done = eventLoop.flatSubmit { self.core.value.subscriptions.remove(id, channel: channel) }
        try? await done.get()
    }
}
