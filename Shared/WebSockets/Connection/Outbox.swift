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

    enum Step {
        /// To be written. After the last one nothing waits, and the next caller of `add` schedules again.
        case write(ByteBuffer, isLast: Bool)
        /// All frames are written; the close that was asked for is due.
        case close(CloseRequest)
        case nothing
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

    /// Frames that wait together are joined up to so many bytes: below it, copying is cheaper than writing one by one.
    private static let joinedBytes = 16 * 1_024
    /// The memory for more waiting frames than these is given back when none waits.
    private static let keptFrames = 16

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

    /// What is to be done next. A single frame is handed out as it was put in; several small ones as one buffer.
    func next() -> Step {
        state.withLockedValue { state in
            guard !state.isEnded, let first = state.frames.popFirst() else {
                state.isScheduled = false
                return state.isEnded ? .nothing : state.close.map { .close($0) } ?? .nothing
            }
            let buffer = Self.joined(first, &state.frames)
            state.waitingBytes -= buffer.readableBytes
            let isLast = state.frames.isEmpty && state.close == nil
            if isLast { state.isScheduled = false }
            return .write(buffer, isLast: isLast)
        }
    }

    /// Nothing can be written at the moment. Answers a close that was asked for, and whether its turn has come.
    func pause() -> (request: CloseRequest, isDue: Bool)? {
        state.withLockedValue { state in
            state.isScheduled = false
            return state.close.map { ($0, state.frames.isEmpty) }
        }
    }

    var waitingBytes: Int { state.withLockedValue { $0.waitingBytes } }

    private static func joined(_ first: ByteBuffer, _ frames: inout Deque<ByteBuffer>) -> ByteBuffer {
        var bytes = first.readableBytes
        var count = 0
        for frame in frames {
            guard bytes + frame.readableBytes <= joinedBytes else { break }
            bytes += frame.readableBytes
            count += 1
        }
        guard count > 0 else { return first }
        var buffer = ByteBufferAllocator().buffer(capacity: bytes)
        buffer.writeImmutableBuffer(first)
        for frame in frames.prefix(count) { buffer.writeImmutableBuffer(frame) }
        if count == frames.count, count > keptFrames { frames = [] } else { frames.removeFirst(count) }
        return buffer
    }
}
