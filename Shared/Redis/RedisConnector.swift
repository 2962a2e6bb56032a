import NIOCore
import NIOPosix
import NIOSSL

/// What a fresh connection has learned about its server.
struct RedisGreeting: Sendable {
    let channel: any Channel
    /// Changes with every start of the server. An error if the server does not tell.
    let runID: Result<String, RedisError>
}

/// Opens connections that are signed in, in the right database and answered by a server that is ready.
struct RedisConnector {
    let configuration: RedisConfiguration
    let limits: RedisLimits
    let eventLoop: any EventLoop

    /// The channel of the greeting holds a `RedisChannelHandler`. Fails with a `RedisError`.
    func connect() -> EventLoopFuture<RedisGreeting> {
        bootstrap.connect(host: configuration.host, port: configuration.port)
            .flatMapErrorThrowing { throw RedisError(.connection, "cannot connect: \($0)") }
            .assumeIsolated()
            .flatMap { channel in greet(channel) }
            .nonisolated()
    }

    private var bootstrap: ClientBootstrap {
        let (configuration, limits) = (configuration, limits)
        let timeout = TimeAmount(boundedBy: configuration.commandTimeout)
        return ClientBootstrap(group: eventLoop)
            .connectTimeout(timeout)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls = configuration.tls {
                        let handler = try NIOSSLClientHandler(context: tls, serverHostname: configuration.serverName)
                        try pipeline.addHandler(handler)
                    }
                    try pipeline.addHandler(RedisChannelHandler(limits: limits, timeout: timeout))
                }
            }
    }

    private func greet(_ channel: any Channel) -> EventLoopFuture<RedisGreeting> {
        let promise = eventLoop.makePromise(of: [RESPValue].self)
        do {
            let handler = try channel.pipeline.syncOperations.handler(type: RedisChannelHandler.self)
            handler.send(try RedisBatch(greeting, promise: promise))
        } catch {
            promise.fail(RedisError(.connection, "the connection was closed at once: \(error)"))
        }
        let greeting = promise.futureResult.flatMapThrowing { replies in
            RedisGreeting(channel: channel, runID: try Self.runID(from: replies))
        }
        greeting.whenFailure { _ in channel.close(promise: nil) }
        return greeting
    }

    /// `PING` is refused while the server loads its data; such a server is not used yet.
    private var greeting: [[RedisArgument]] {
        var commands: [[RedisArgument]] = []
        if let credentials = configuration.credentials {
            let user = credentials.user.map { [RedisArgument($0)] } ?? []
            commands.append(["AUTH"] + user + [RedisArgument(credentials.password)])
        }
        if configuration.database != 0 {
            commands.append(["SELECT", RedisArgument(configuration.database)])
        }
        return commands + [["PING"], ["INFO", "server"]]
    }

    /// - Throws: the server's error if it refuses anything but `INFO`, which access rules may forbid.
    private static func runID(from replies: [RESPValue]) throws -> Result<String, RedisError> {
        for reply in replies.dropLast() {
            _ = try reply.orThrow()
        }
        guard let info = replies.last else { throw RedisError(.invalidReply, "no greeting") }
        if let error = info.error { return .failure(error) }
        let line = info.string?.split(whereSeparator: \.isNewline).first { $0.hasPrefix("run_id:") }
        guard let line else {
            return .failure(RedisError(.invalidReply, "INFO server does not tell the run id"))
        }
        return .success(String(line.dropFirst("run_id:".count)))
    }
}
