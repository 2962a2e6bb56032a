import NIOCore

/// Bounds and times of one socket. All of them hold for each socket on its own.
public struct WebSocketLimits: Sendable {
    /// Bytes of one incoming frame; larger → 1009. The decoder keeps a whole frame, so this bounds its memory.
    public var maximumFrame: Int
    /// Bytes of one incoming message, over all its fragments; larger → 1009.
    public var maximumMessage: Int
    /// Bytes that may wait for a socket. One more frame and what waits is dropped and the socket closed with `slowCode`.
    public var outgoingBudget: Int
    /// Received messages that may wait for the session before the socket is no longer read.
    public var incomingMessages: Int
    /// Received bytes that may wait for the session before the socket is no longer read.
    public var incomingBytes: Int
    /// Whether binary messages are delivered; if not → 1003.
    public var allowsBinary: Bool
    /// Time between two keep-alive pings. Below the 60 s at which common proxies cut idle connections.
    public var ping: Duration
    /// A peer that has sent nothing for so long is dead; its connection is cut.
    public var pingTimeout: Duration
    /// How long a closing socket may take before it is cut.
    public var closeTimeout: Duration
    /// How long an accepted connection may take to become a socket or a plain request.
    public var handshakeTimeout: Duration
    /// How long a connection with a plain request may stay idle.
    public var idleTimeout: Duration
    /// The close code for a peer that reads too slowly.
    public var slowCode: UInt16
    /// Incoming frames between two pings that end no message: control frames and parts. More → `floodCode`.
    public var otherFrames: Int
    public var floodCode: UInt16

    public init(
        maximumFrame: Int = 256 * 1_024,
        maximumMessage: Int = 256 * 1_024,
        outgoingBudget: Int = 256 * 1_024,
        incomingMessages: Int = 64,
        incomingBytes: Int = 512 * 1_024,
        allowsBinary: Bool = false,
        ping: Duration = .seconds(10),
        pingTimeout: Duration = .seconds(20),
        closeTimeout: Duration = .seconds(5),
        handshakeTimeout: Duration = .seconds(10),
        idleTimeout: Duration = .seconds(30),
        slowCode: UInt16 = 4408,
        otherFrames: Int = 1_000,
        floodCode: UInt16 = 1008
    ) {
        self.maximumFrame = maximumFrame
        self.maximumMessage = maximumMessage
        self.outgoingBudget = outgoingBudget
        self.incomingMessages = incomingMessages
        self.incomingBytes = incomingBytes
        self.allowsBinary = allowsBinary
        self.ping = ping
        self.pingTimeout = pingTimeout
        self.closeTimeout = closeTimeout
        self.handshakeTimeout = handshakeTimeout
        self.idleTimeout = idleTimeout
        self.slowCode = slowCode
        self.otherFrames = otherFrames
        self.floodCode = floodCode
    }
}
