import NIOCore
import NIOPosix
import NIOSSL

/// A fresh connection, and what its server has told.
struct RedisGreeting: Sendable {
    let channel: any Channel
    let topology: RedisTopology
}

/// Opens connections to one node that are signed in, in the right database and answered by a server that is ready.
struct RedisConnector {
    let node: RedisNode
    let configuration: RedisConfiguration
    let limits: RedisLimits
    let eventLoop: any EventLoop

    /// The channel of the greeting holds a `RedisChannelHandler`. Fails with a `RedisError`.
    func connect() -> EventLoopFuture<RedisGreeting> {
        bootstrap.connect(host: node.host, port: node.port)
            .flatMapErrorThrowing { throw RedisError(.connection, "cannot connect: \($0)") }
            .assumeIsolated()
            .flatMap { channel in greet(channel) }
            .nonisolated()
    }

    private var bootstrap: ClientBootstrap {
        let (configuration, limits, serverName) = (configuration, limits, node.serverName)
        let timeout = TimeAmount(boundedBy: configuration.commandTimeout)
        return ClientBootstrap(group: eventLoop)
            .connectTimeout(timeout)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls = configuration.tls {
                        try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: serverName))
                    }
                    try pipeline.addHandler(RedisChannelHandler(limits: limits, timeout: timeout))
                }
            }
    }

    private func greet(_ channel: any Channel) -> EventLoopFuture<RedisGreeting> {
        let promise = eventLoop.makePromise(of: [RESPValue].self)
        do {
            let handler = try channel.pipeline.syncOperations.handler(type: RedisChannelHandler.self)
            handler.send(try RedisBatch(greeting) { promise.completeWith($0) })
        } catch {
            promise.fail(RedisError(.connection, "the connection was closed at once: \(error)"))
        }
        let greeting = promise.futureResult.flatMapThrowing { [node] replies in
            RedisGreeting(channel: channel, topology: try Self.topology(from: replies, by: node))
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
        return commands + [["PING"], ["CLUSTER", "SLOTS"]]
    }

    /// - Throws: the server's error if it refuses anything but the last question, as one without cluster does.
    private static func topology(from replies: [RESPValue], by node: RedisNode) throws -> RedisTopology {
        for reply in replies.dropLast() {
            _ = try reply.orThrow()
        }
        guard let slots = replies.last else { throw RedisError(.invalidReply, "no greeting") }
        return try RedisTopology(reply: slots, by: node)
    }
}
