import CLibPQ
import Foundation

/// What is needed to stop the statement that a connection runs now, from another thread.
final class CancelHandle: @unchecked Sendable {
    // Unchecked, because a `PGcancel` is never changed after it was made and libpq documents `PQcancel` as thread-safe.
    private let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        PQfreeCancel(pointer)
    }

    /// Returns at once: a thread of its own talks to the server, because the call blocks.
    func cancel() {
        Thread.detachNewThread { [self] in
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { problem in
                // Best effort: when it fails, the statement ends by its timeout.
                _ = PQcancel(pointer, problem.baseAddress, 256)
            }
        }
    }
}
