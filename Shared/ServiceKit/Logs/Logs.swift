import Dispatch
import Foundation
import Logging
import ParleyProtocol
import Synchronization

/// The logs of a process: JSON lines on standard output.
public enum Logs {
    private static let isBootstrapped = Mutex(false)
    private static let output = StandardOutput()

    /// Must be the first thing that a process does: a logger made earlier keeps the handler of the library. Only the first
    /// call counts.
    ///
    /// - Parameter level: From `PARLEY_LOG_LEVEL` when not given, so that reading the settings can be logged, too.
    public static func bootstrap(service: ServiceName, level: Logger.Level? = nil) {
        let isFirst = isBootstrapped.withLock { done in
            defer { done = true }
            return !done
        }
        guard isFirst else { return }
        let level = level ?? levelOfEnvironment
        // A reader of the log that goes away must not end the process.
        signal(SIGPIPE, SIG_IGN)
        LoggingSystem.bootstrap(
            { label, provider in
                JSONLogHandler(
                    service: service.rawValue, label: label, level: level, metadataProvider: provider,
                    write: output.write)
            }, metadataProvider: RequestID.metadataProvider)
    }

    /// Waits until everything logged so far is written. To be called once, at the end of a process.
    public static func flush() async {
        await output.flush()
    }

    private static var levelOfEnvironment: Logger.Level {
        ProcessInfo.processInfo.environment["PARLEY_LOG_LEVEL"].flatMap { Logger.Level(rawValue: $0.lowercased()) }
            ?? .info
    }
}

/// Writes lines on a queue of its own, so that a slow reader of the log stops nobody. What exceeds the bound is dropped and
/// counted.
private final class StandardOutput: Sendable {
    /// Bytes that may wait.
    private static let bound = 8 * 1_024 * 1_024

    private let queue = DispatchQueue(label: "parley.logs")
    private let waiting = Atomic<Int>(0)
    private let dropped = Atomic<Int>(0)

    func write(_ line: String) {
        let size = line.utf8.count
        guard waiting.load(ordering: .relaxed) + size <= Self.bound else {
            dropped.wrappingAdd(1, ordering: .relaxed)
            return
        }
        waiting.wrappingAdd(size, ordering: .relaxed)
        queue.async {
            let lost = self.dropped.exchange(0, ordering: .relaxed)
            if lost > 0 {
                Self.put("{\"level\":\"warning\",\"message\":\"log lines were dropped\",\"count\":\(lost)}\n")
            }
            Self.put(line)
            self.waiting.wrappingSubtract(size, ordering: .relaxed)
        }
    }

    func flush() async {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume() }
        }
    }

    private static func put(_ line: String) {
        var rest = [UInt8](line.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var wait = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
                poll(&wait, 1, 1_000)
            } else if errno != EINTR {
                return
            }
        }
    }
}
