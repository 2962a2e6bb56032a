import DequeModule
import NIOConcurrencyHelpers

/// Received messages on their way to the session. Bounded: when it is full the socket is not read until half is consumed.
final class Inbox: Sendable {
    private struct State {
        var messages: Deque<WebSocketMessage> = []
        var bytes = 0
        var waiter: CheckedContinuation<WebSocketMessage?, Never>?
        var isPaused = false
        var isFinished = false
        var resume: (@Sendable () -> Void)?
    }

    private enum Step {
        case message(WebSocketMessage, resume: (@Sendable () -> Void)?)
        case end
        case wait
    }

    private let maximumMessages: Int
    private let maximumBytes: Int
    private let state = NIOLockedValueBox(State())

    init(maximumMessages: Int, maximumBytes: Int) {
        self.maximumMessages = maximumMessages
        self.maximumBytes = maximumBytes
    }

    /// Sets what is called, on any thread, when a full inbox has room again.
    func onRoom(_ resume: @escaping @Sendable () -> Void) {
        state.withLockedValue { $0.resume = resume }
    }

    /// Takes a message. Answers whether more may be read from the socket.
    func add(_ message: WebSocketMessage) -> Bool {
        let (waiter, mayRead) = state.withLockedValue {
            state -> (CheckedContinuation<WebSocketMessage?, Never>?, Bool) in
            guard !state.isFinished else { return (nil, true) }
            if let waiter = state.waiter {
                state.waiter = nil
                return (waiter, true)
            }
            state.messages.append(message)
            state.bytes += message.byteCount
            // Only `step` ends a pause: it tells the handler, which holds the reading back until then.
            if state.messages.count >= maximumMessages || state.bytes >= maximumBytes { state.isPaused = true }
            return (nil, !state.isPaused)
        }
        waiter?.resume(returning: message)
        return mayRead
    }

    /// No more messages come; those that wait can still be consumed.
    func finish() {
        let waiter = state.withLockedValue { state in
            state.isFinished = true
            state.resume = nil
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: nil)
    }

    /// The next message; `nil` after the last one, when the task is cancelled, and for a second consumer.
    func next() async -> WebSocketMessage? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                switch step(for: continuation) {
                case .message(let message, let resume):
                    continuation.resume(returning: message)
                    resume?()
                case .end:
                    continuation.resume(returning: nil)
                case .wait:
                    // The cancellation handler may have run before the waiter was in its place.
                    if Task.isCancelled { dismissWaiter() }
                }
            }
        } onCancel: {
            dismissWaiter()
        }
    }

    private func step(for continuation: CheckedContinuation<WebSocketMessage?, Never>) -> Step {
        state.withLockedValue { state in
            if let message = state.messages.popFirst() {
                state.bytes -= message.byteCount
                let hasRoom = state.messages.count <= maximumMessages / 2 && state.bytes <= maximumBytes / 2
                guard state.isPaused, hasRoom else { return .message(message, resume: nil) }
                state.isPaused = false
                return .message(message, resume: state.resume)
            }
            guard !state.isFinished, state.waiter == nil else { return .end }
            state.waiter = continuation
            return .wait
        }
    }

    private func dismissWaiter() {
        let waiter = state.withLockedValue { state in
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: nil)
    }
}
