/// Why a mail was not taken. It holds no address, no text of the mail, and no password.
public struct MailError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Hashable, Sendable {
        /// The server says that it will never take this mail, with this code (RFC 5321, 4.2).
        case refused(Int)
        /// The server says that it can't take it now.
        case deferred(Int)
        /// No connection, or it broke.
        case unreachable
        /// The certificate is not trusted, is for another name, or the server offers no encryption.
        case tls
        /// The server does not let this service in.
        case signIn
        case timedOut
        /// It was cancelled, or mail is not sent any more because the process ends.
        case stopped
    }

    public let kind: Kind
    /// What libcurl says of it.
    public let detail: String
    /// Nobody knows whether the server has taken the mail: it had begun to read it, and did not say.
    public let mayHaveArrived: Bool

    init(_ kind: Kind, _ detail: String, mayHaveArrived: Bool = false) {
        self.kind = kind
        self.detail = detail
        self.mayHaveArrived = mayHaveArrived
    }

    /// Whether sending the same mail again can't help.
    public var isPermanent: Bool {
        if case .refused = kind { true } else { false }
    }

    public var description: String {
        let reason =
            switch kind {
            case .refused(let code): "The mail server refuses the mail (\(code))"
            case .deferred(let code): "The mail server does not take the mail now (\(code))"
            case .unreachable: "The mail server can't be reached"
            case .tls: "There is no safe connection to the mail server"
            case .signIn: "The mail server refuses the account"
            case .timedOut: "The mail server does not answer in time"
            case .stopped: "Sending was stopped"
            }
        return detail.isEmpty ? "\(reason)." : "\(reason): \(detail)"
    }
}
