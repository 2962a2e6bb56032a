import ParleyProtocol

/// A call to another service that came to nothing.
public struct ServiceCallError: Error, ProblemConvertible, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// No answer: no connection, or none in time.
        case unreachable
        /// An answer with this status, and the code of its problem.
        case refused(status: Int, code: ErrorCode?)
        /// An answer of the wrong form.
        case unreadable
    }

    public var service: ServiceName
    public var kind: Kind
    /// For logs.
    public var message: String

    public init(service: ServiceName, kind: Kind, message: String) {
        self.service = service
        self.kind = kind
        self.message = message
    }

    public var isUnreachable: Bool { kind == .unreachable }

    /// The status of the answer, if there was one.
    public var status: Int? {
        guard case .refused(let status, _) = kind else { return nil }
        return status
    }

    public var code: ErrorCode? {
        guard case .refused(_, let code) = kind else { return nil }
        return code
    }

    /// When nobody handles it: 503 while the other service is away, 500 when the two don't understand each other.
    public var problemError: ProblemError {
        switch kind {
        case .unreachable: .unavailable()
        case .refused(let status, _): status >= 500 || status == 429 ? .unavailable() : .internalError
        case .unreadable: .internalError
        }
    }

    public var description: String { "\(service.rawValue): \(message)" }
}
