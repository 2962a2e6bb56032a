import CLibPQ
import Foundation

/// One connection of libpq. Calls block, but never past their deadline.
///
/// libpq's own blocking calls wait without end for a server that is paused; here the socket is polled with a limit.
final class LibPQSession {
    private let connection: OpaquePointer
    /// No answer can be trusted any more: the connection must be closed.
    private(set) var isBroken = false

    init(_ configuration: PostgresConfiguration) throws(PostgresError) {
        let options = try Self.optionsOfURL(configuration.url)
        let parameters = try configuration.parameters(optionsOfURL: options)
        let pointer = withCStrings(parameters.map(\.keyword)) { keywords in
            withCStrings(parameters.map(\.value)) { values in
                PQconnectdbParams(keywords, values, 1)
            }
        }
        guard let pointer else { throw PostgresError(.connection, "There is no memory for a connection.") }
        guard PQstatus(pointer) == CONNECTION_OK else {
            let message = Self.message(of: pointer)
            PQfinish(pointer)
            throw PostgresError(.connection, message)
        }
        connection = pointer
        PQsetnonblocking(pointer, 1)
        // Notices can quote values; what matters comes as an error.
        PQsetNoticeProcessor(pointer, { _, _ in }, nil)
    }

    deinit {
        PQfinish(connection)
    }

    /// Whether the server is in no transaction and waits for a statement.
    var isIdle: Bool { PQtransactionStatus(connection) == PQTRANS_IDLE }
    var isInTransaction: Bool { PQtransactionStatus(connection) == PQTRANS_INTRANS }
    var canBeUsed: Bool { !isBroken && PQstatus(connection) == CONNECTION_OK }

    func makeCancelHandle() -> CancelHandle? {
        PQgetCancel(connection).map(CancelHandle.init(owning:))
    }

    /// Notices without a round trip that the server has closed an idle connection.
    func isAlive() -> Bool {
        var descriptor = pollfd(fd: PQsocket(connection), events: Int16(POLLIN), revents: 0)
        // Usually there is nothing to read. A server that goes sends a farewell first and the end of the stream then.
        for _ in 0..<4 where canBeUsed && poll(&descriptor, 1, 0) > 0 {
            if PQconsumeInput(connection) == 0 { isBroken = true }
        }
        return canBeUsed
    }

    /// Runs statements without parameters; several are separated by semicolons.
    func run(script: String, deadline: ContinuousClock.Instant) throws(PostgresError) -> StatementResult {
        try exchange(deadline: deadline) { PQsendQuery($0, script) }
    }

    func prepare(name: String, text: String, deadline: ContinuousClock.Instant) throws(PostgresError) {
        _ = try exchange(deadline: deadline) { PQsendPrepare($0, name, text, 0, nil) }
    }

    func run(
        prepared name: String, parameters: EncodedParameters, deadline: ContinuousClock.Instant
    ) throws(PostgresError) -> StatementResult {
        try exchange(deadline: deadline) { connection in
            parameters.withPointers { count, values, lengths, formats in
                PQsendQueryPrepared(connection, name, count, values, lengths, formats, 0)
            }
        }
    }

    // MARK: Waiting

    private func exchange(
        deadline: ContinuousClock.Instant, send: (OpaquePointer) -> Int32
    ) throws(PostgresError) -> StatementResult {
        guard send(connection) == 1 else { throw failure() }
        try flush(deadline: deadline)
        var last = StatementResult()
        var problem: PostgresError?
        while let result = try nextResult(deadline: deadline) {
            guard !result.wantsCopy else {
                isBroken = true
                throw PostgresError(.configuration, "COPY is not spoken here.")
            }
            do { last = try result.take() } catch { problem = problem ?? error }
        }
        if let problem { throw problem }
        return last
    }

    private func flush(deadline: ContinuousClock.Instant) throws(PostgresError) {
        while true {
            switch PQflush(connection) {
            case 0: return
            case 1:
                let events = try wait(for: POLLIN | POLLOUT, deadline: deadline)
                if events & POLLIN != 0, PQconsumeInput(connection) == 0 { throw failure() }
            default: throw failure()
            }
        }
    }

    private func nextResult(deadline: ContinuousClock.Instant) throws(PostgresError) -> LibPQResult? {
        while PQisBusy(connection) == 1 {
            _ = try wait(for: POLLIN, deadline: deadline)
            guard PQconsumeInput(connection) == 1 else { throw failure() }
        }
        guard let pointer = PQgetResult(connection) else { return nil }
        return LibPQResult(owning: pointer)
    }

    private func wait(for events: Int32, deadline: ContinuousClock.Instant) throws(PostgresError) -> Int32 {
        var descriptor = pollfd(fd: PQsocket(connection), events: Int16(truncatingIfNeeded: events), revents: 0)
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else {
                isBroken = true
                throw PostgresError(.timeout, "The database did not answer in time.")
            }
            switch poll(&descriptor, 1, Int32(clamping: left.wholeMilliseconds)) {
            case 1...: return Int32(descriptor.revents)
            case 0: continue
            default:
                guard errno == EINTR else { throw failure() }
            }
        }
    }

    private func failure() -> PostgresError {
        isBroken = true
        return PostgresError(.connection, "The connection to the database broke.")
    }

    // MARK: Texts of libpq

    private static func optionsOfURL(_ url: String) throws(PostgresError) -> String? {
        // libpq's message would quote the URL with its password.
        guard let options = PQconninfoParse(url, nil) else {
            throw PostgresError(.configuration, "The database's URL can't be read.")
        }
        defer { PQconninfoFree(options) }
        var next = options
        while let keyword = next.pointee.keyword {
            if String(cString: keyword) == "options" { return next.pointee.val.map { String(cString: $0) } }
            next += 1
        }
        return nil
    }

    private static func message(of connection: OpaquePointer) -> String {
        let text = PQerrorMessage(connection).map { String(cString: $0) } ?? ""
        return text.split(whereSeparator: \.isNewline).first.map(String.init) ?? "The database can't be reached."
    }
}

/// Calls `body` with a null-terminated array of C strings, which live until it returns.
private func withCStrings<R>(
    _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> R
) -> R {
    let copies = strings.map { UnsafePointer(strdup($0)) }
    defer { for copy in copies { free(UnsafeMutableRawPointer(mutating: copy)) } }
    return (copies + [nil]).withUnsafeBufferPointer { buffer in
        guard let start = buffer.baseAddress else { preconditionFailure("the array holds its end at least") }
        return body(start)
    }
}
