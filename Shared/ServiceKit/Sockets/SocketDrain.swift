import ParleyProtocol
import Synchronization
import WebSockets

/// The sockets of this process, and its orderly end: no new ones, those that are open are asked to move, and after a time those
/// that have not are closed.
public final class SocketDrain: Sendable {
    private struct State {
        var isDraining = false
        var hasClosedAll = false
        var sockets: [ObjectIdentifier: WebSocketConnection] = [:]
    }

    private static let look: Duration = .milliseconds(50)
    /// For close frames to be answered.
    private static let farewell: Duration = .seconds(1)

    private let state = Mutex(State())

    public init() {}

    /// Whether new sockets are to be refused.
    public var isDraining: Bool { state.withLock { $0.isDraining } }

    public var openSockets: Int { state.withLock { $0.sockets.count } }

    public func opened(_ connection: WebSocketConnection) {
        let isLate = state.withLock { state in
            state.sockets[ObjectIdentifier(connection)] = connection
            return state.hasClosedAll
        }
        // It was let in a moment before the end.
        if isLate { connection.close(.serviceRestart, reason: "restart") }
    }

    public func closed(_ connection: WebSocketConnection) {
        state.withLock { $0.sockets[ObjectIdentifier(connection)] = nil }
    }

    /// Returns when all sockets are closed.
    ///
    /// - Parameter askAll: asks the clients to move.
    public func run(limit: Duration, askAll: () async -> Void) async {
        state.withLock { $0.isDraining = true }
        await askAll()
        await waitUntilEmpty(limit)
        let open = state.withLock { state in
            state.hasClosedAll = true
            return Array(state.sockets.values)
        }
        for socket in open {
            socket.close(.serviceRestart, reason: "restart")
        }
        await waitUntilEmpty(Self.farewell)
    }

    private func waitUntilEmpty(_ limit: Duration) async {
        let deadline = ContinuousClock.now + limit
        while openSockets > 0, .now < deadline, !Task.isCancelled {
            try? await Task.sleep(for: Self.look)
        }
    }
}
