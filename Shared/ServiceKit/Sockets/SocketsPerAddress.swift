import HTTPTypes
import NIOCore
import ParleyProtocol
import Synchronization
import WebSockets

/// Bounds how many sockets one client address has open at this node, so that nobody takes them all. IPv6 addresses count
/// by their /64 network. Sockets that have said nothing yet are among them; they live for `Limits.hello` seconds.
public final class SocketsPerAddress: Sendable {
    /// Seconds. A place is free when another socket ends, which nobody can foretell.
    private static let retryAfter = 10

    private let limit: Int
    private let trustedProxies: TrustedProxies
    private let onRefusal: @Sendable () -> Void
    private let open = Mutex<[String: Int]>([:])

    /// - Parameters:
    ///   - limit: of open sockets of one address.
    ///   - onRefusal: called for each that is refused.
    public init(
        _ trustedProxies: TrustedProxies, limit: Int = Limits.socketsPerAddress,
        onRefusal: @escaping @Sendable () -> Void = {}
    ) {
        self.trustedProxies = trustedProxies
        self.limit = limit
        self.onRefusal = onRefusal
    }

    /// Takes a place for this connection, until it closes. Answers why not if there is none.
    public func refusal(_ request: HTTPRequest, _ channel: any Channel) -> WebSocketAdmission? {
        let source = trustedProxies.source(of: request, peer: channel.remoteAddress?.ipAddress)
        guard take(source) else {
            onRefusal()
            return .refuse(
                Problem(
                    status: 429, code: .tooManyRequests, title: "Too many sockets are open from this address.",
                    retryAfter: Self.retryAfter))
        }
        channel.closeFuture.whenComplete { _ in self.giveBack(source) }
        return nil
    }

    public func take(_ source: String) -> Bool {
        open.withLock { open in
            let count = open[source, default: 0]
            guard count < limit else { return false }
            open[source] = count + 1
            return true
        }
    }

    public func giveBack(_ source: String) {
        open.withLock { open in
            let count = open[source, default: 0] - 1
            open[source] = count > 0 ? count : nil
        }
    }

    /// Addresses that have sockets.
    public var addresses: Int { open.withLock { $0.count } }
}
