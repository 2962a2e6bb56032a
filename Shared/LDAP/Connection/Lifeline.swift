import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// Ends what a thread waits for on a socket, by shutting the socket down from outside.
///
/// This is the only limit that holds in every call of libldap: its own do not cover a handshake of TLS (until 2.5.13,
/// which is Debian 12's, it spins without end there), nor a server that falls silent within a message.
final class Lifeline: Sendable {
    private struct State {
        /// `nil` when it is closed: the number may be somebody else's then.
        var descriptor: CInt?
        /// Steps that have begun.
        var steps = 0
        var hasExpired = false
    }

    private let state: Mutex<State>

    init(descriptor: CInt) {
        state = Mutex(State(descriptor: descriptor))
    }

    /// Whether a step took too long. The socket can't be used any more then.
    var hasExpired: Bool { state.withLock { $0.hasExpired } }

    /// Runs a step, which blocks. It fails soon after the limit, if it does not return before.
    func limited<Value: ~Copyable>(
        to limit: Duration, _ step: () throws(LDAPError) -> Value
    ) throws(LDAPError) -> Value {
        let number = state.withLock { state in
            state.steps += 1
            return state.steps
        }
        guard limit > .zero else {
            expire(step: number)
            throw .timedOut
        }
        let alarm = MultiThreadedEventLoopGroup.singleton.any().scheduleTask(in: TimeAmount(limit)) {
            self.expire(step: number)
        }
        defer {
            alarm.cancel()
            // An alarm that rings at this very moment comes too late.
            state.withLock { $0.steps += 1 }
        }
        return try step()
    }

    /// Must be called before the socket is closed.
    func letGo() {
        state.withLock { $0.descriptor = nil }
    }

    private func expire(step: Int) {
        state.withLock { state in
            guard state.steps == step, let descriptor = state.descriptor else { return }
            state.hasExpired = true
            shutdown(descriptor, CInt(SHUT_RDWR))
        }
    }
}
