/// Why a directory could not be asked. A wrong password is not an error, and no error holds a password.
public enum LDAPError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No address of the server accepts a connection in time, it broke, or the server says that it is not available.
    case unreachable(String)
    /// There is no encrypted connection: the certificate is not trusted, is for another name, or StartTLS is refused.
    case tls(String)
    /// The directory does not let in the account that searches for people.
    case serviceBindRefused(String)
    /// Too many sign-ins wait already, this one has waited too long or was cancelled, or the threads are stopped.
    case busy
    /// The server answers what can't be used, with a result code of RFC 4511 appendix A, or libldap refuses the
    /// request, with one of its negative codes. The message is the server's, at most 200 characters.
    case `protocol`(code: Int, message: String)
    /// The server has accepted the connection and does not answer in time.
    case timedOut

    public var description: String {
        switch self {
        case .unreachable(let message): "The directory can't be reached: \(message)"
        case .tls(let message): "There is no safe connection to the directory: \(message)"
        case .serviceBindRefused(let message): "The directory refuses the account that searches: \(message)"
        case .busy: "Too many wait for the directory."
        case .protocol(let code, let message): "The directory answers \(code): \(message)"
        case .timedOut: "The directory does not answer in time."
        }
    }

    /// Whether the same sign-in may succeed a little later: over HTTP this is 503.
    public var isUnavailable: Bool {
        switch self {
        case .unreachable, .busy, .timedOut: true
        case .tls, .serviceBindRefused, .protocol: false
        }
    }
}

/// A server's text for people, made fit for logs and answers.
struct LDAPDiagnostic {
    private static let limit = 200

    let text: String

    /// - Parameters:
    ///   - raw: what the server or libldap says; may be empty.
    ///   - fallback: stands for an empty one, and for one that repeats a secret.
    ///   - secrets: what nobody may read.
    init(_ raw: String, fallback: String, hiding secrets: [String]) {
        let isTelling = secrets.contains { !$0.isEmpty && raw.contains($0) }
        let shown = (isTelling ? "" : raw).unicodeScalars.map { scalar -> Character in
            scalar.properties.generalCategory == .control ? " " : Character(scalar)
        }
        let words = String(shown).split(separator: " ").joined(separator: " ")
        let kept = words.isEmpty ? fallback : words
        text = kept.count > Self.limit ? kept.prefix(Self.limit - 1) + "…" : kept
    }
}
