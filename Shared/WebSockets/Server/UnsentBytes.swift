import NIOCore

/// What the kernel takes for a peer that does not read.
enum UnsentBytes {
    /// More than a round trip's worth for a meeting, and far less than the megabytes to which a send buffer may grow.
    private static let most = 128 * 1_024

    /// Lets the kernel keep no more bytes that it has not sent yet, so that the budget of a socket decides how much waits for
    /// a peer that reads too slowly, and decides soon (tcp(7), `TCP_NOTSENT_LOWAT`).
    ///
    /// Must be called on the channel's event loop.
    static func limit(of channel: any Channel) throws {
        #if os(Linux)
            try channel.syncOptions?.setOption(.tcpOption(NIOBSDSocket.Option(rawValue: 25)), value: most)
        #endif
    }
}
