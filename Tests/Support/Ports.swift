import NIOCore
import NIOPosix

/// A TCP port of loopback that was free a moment ago.
public func freePort() async throws -> Int {
    let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
    let channel = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
    let port = channel.localAddress?.port
    try await channel.close()
    guard let port else { throw TestServerError("no free port") }
    return port
}

/// Whether somebody accepts connections at this port of loopback.
func accepts(port: Int) async -> Bool {
    let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(.seconds(1))
    guard let channel = try? await bootstrap.connect(host: "127.0.0.1", port: port).get() else { return false }
    try? await channel.close()
    return true
}
