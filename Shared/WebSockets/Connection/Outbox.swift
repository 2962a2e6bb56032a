import DequeModule
import NIOConcurrencyHelpers
import NIOCore

/// What waits for one socket, in order. Filled from any thread, emptied on the socket's event loop.
///
/// The bytes are counted when they are put in, not when the event loop comes to them, so that a burst from
/// other threads is bounded too.
final class Outbox: Sendable {
    struct CloseRequest {
        var code: UInt16
        var reason: String
    }

    private struct State {
        var frames: Deque<ByteBuffer> = []
        var waitingBytes = 0
        var close: CloseRequest?
        var isScheduled = false
        var isEnded = false

        /// Whether the caller has to see to it that the outbox is emptied; one caller per turn has.
        mutating func schedule() -> Bool {
            defer { isScheduled = true }
            return !isScheduled
        }
    }

    private let budget: Int
    private let slowCode: UInt16
    private let state = NIOLockedValueBox(State())

    init(budget: Int, slowCode: UInt16) {
        self.budget = budget
        self.slowCode = slowCode
    }

    /// Puts a frame at the end. Answers whether the caller has to schedule `WebSocketHandler.drain`.
    ///
    /// A single frame may be larger than the budget if nothing waits before it.
    func add(_ frame: ByteBuffer) -> Bool {
        let bytes = frame.readableBytes
        return state.withLockedValue { state in
            guard !state.isEnded, state.close == nil else { return false }
            if state.waitingBytes > 0, bytes > budget - state.waitingBytes {
                state.frames = []
                state.waitingBytes = 0
                state.close = CloseRequest(code: slowCode, reason: "slow")
            } else {
                state.frames.append(frame)
                state.waitingBytes += bytes
            }
            return state.schedule()
        }
    }

    /// Asks for a close after all that waits. Later frames are dropped. Answers as `add` does.
    func close(_ request: CloseRequest) -> Bool {
        state.withLockedValue { state in
            guard !state.isEnded, state.close == nil else { return false }
            state.close = request
            return state.schedule()
        }
    }

    /// Forgets everything; nothing can be added any more.
    func end() {
        state.withLockedValue { state in
            state.isEnded = true
            state.frames = []
            state.waitingBytes = 0
        }
    }

    func beginDrain() {
        state.withLockedValue { $0.isScheduled = false }
    }

    func next() -> ByteBuffer? {
        state.withLockedValue { state in
            guard let frame = state.frames.popFirst() else { return nil }
            state.waitingBytes -= frame.readableBytes
            return frame
        }
    }

    /// A close that was asked for, and whether its turn has come.
    func closeRequest() -> (request: CloseRequest, isDue: Bool)? {
        state.withLockedValue { state in state.close.map { ($0, state.frames.isEmpty) } }
    }

    var waitingBytes: Int { state.withLockedValue { $0.waitingBytes } }
}
