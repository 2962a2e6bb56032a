import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Sends mail by SMTP, on threads of its own, because libcurl blocks.
///
/// Each mail has a connection of its own. `run` must run; before it, and after shutdown, nothing is sent.
public final class MailSender: Service, Sendable {
    public let settings: SMTPSettings
    public let limits: SMTPLimits
    private let pool: NIOThreadPool

    public init(_ settings: SMTPSettings, limits: SMTPLimits = SMTPLimits()) {
        self.settings = settings
        self.limits = limits
        pool = NIOThreadPool(numberOfThreads: limits.parallel)
    }

    public func run() async throws {
        pool.start()
        try? await gracefulShutdown()
        try await pool.shutdownGracefully()
    }

    /// Runs for as long as `body` does, for tests.
    public func once<Value: Sendable>(_ body: @Sendable (MailSender) async throws -> Value) async throws -> Value {
        pool.start()
        let result: Result<Value, any Error>
        do { result = .success(try await body(self)) } catch { result = .failure(error) }
        try await pool.shutdownGracefully()
        return try result.get()
    }

    /// Returns when the server has taken the mail over.
    ///
    /// A cancelled task stops sending within about a second; then nobody knows whether the server took a mail that it had
    /// already read to its end.
    public func send(_ message: MailMessage) async throws(MailError) {
        try await send(MIMEWriter.bytes(of: message), from: message.from, to: message.to)
    }

    /// - Parameter bytes: as `MIMEWriter` writes them.
    public func send(_ bytes: [UInt8], from: Mailbox, to: Mailbox) async throws(MailError) {
        let (settings, limits) = (settings, limits)
        let stop = StopFlag()
        let result: Result<Void, MailError>
        do {
            result = try await withTaskCancellationHandler {
                try await pool.runIfActive {
                    Self.ignoreBrokenPipes()
                    return Result { () throws(MailError) in
                        try SMTPTransfer(bytes, stop: stop).perform(from: from, to: to, settings, limits)
                    }
                }
            } onCancel: {
                stop.set()
            }
        } catch {
            // The threads are stopped, or the task was cancelled before it began.
            result = .failure(MailError(.stopped, ""))
        }
        try result.get()
    }

    /// libcurl writes to sockets whose other end may be gone. The threads are ours alone, so that this stays.
    private static func ignoreBrokenPipes() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}

/// Tells a transfer from another thread to stop.
final class StopFlag: Sendable {
    private let value = Atomic<Bool>(false)

    var isSet: Bool { value.load(ordering: .relaxed) }

    func set() { value.store(true, ordering: .relaxed) }
}
