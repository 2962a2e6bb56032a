import NIOCore
import Synchronization

/// What a subscription's callbacks saw, in order.
final class Recorder: Sendable {
    private let events = Mutex<[String]>([])

    var all: [String] { events.withLock { $0 } }

    func receive(_ message: ByteBuffer) {
        events.withLock { $0.append(String(buffer: message)) }
    }

    func interrupted() {
        events.withLock { $0.append("interrupted") }
    }
}
