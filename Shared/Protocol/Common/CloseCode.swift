/// Why a socket was closed. The number tells the client whether to come back: 4400–4499 yes, 4500–4599 no.
public enum CloseCode: UInt16, CaseIterable, Codable, Sendable {
    case normal = 1000
    /// The process stops: come back soon, with jitter.
    case goingAway = 1001
    case protocolError = 1002
    case unsupportedData = 1003
    case invalidText = 1007
    case tooLarge = 1009
    case internalError = 1011
    /// The process has ended its drain: come back at once.
    case serviceRestart = 1012

    /// No `hello` in time.
    case helloTimeout = 4400
    /// The client reads too slowly; what it missed waits for it.
    case slow = 4408
    case tooManyMessages = 4429
    /// This node can't serve now: try again.
    case unavailable = 4490
    /// The seat was lost at this node, for instance because its lease ended: come back with the resume token.
    case seatLost = 4491

    case refused = 4503
    /// The same participant is served by another socket now.
    case superseded = 4509
    case removed = 4510
    case meetingEnded = 4511
    /// The session that the seat was taken with has ended.
    case signedOut = 4512

    /// What a connection ends with that broke; it never stands in a frame (RFC 6455, 7.4.1).
    public static let broken: UInt16 = 1006

    /// Whether a client should connect again without being asked.
    public var mayReconnect: Bool {
        switch self {
        case .goingAway, .internalError, .serviceRestart: true
        case .normal, .protocolError, .unsupportedData, .invalidText, .tooLarge: false
        default: rawValue < 4500
        }
    }
}
