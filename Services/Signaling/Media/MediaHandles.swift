/// What belongs to a participant at Janus. It stands in the seat's entry, so that another signaling node can take the
/// media over without touching them.
struct MediaHandles: Codable, Hashable, Sendable {
    /// Name of the media node.
    var node: String
    var session: UInt64
    /// The handle that has joined the room and sends, or may send.
    var publisher: UInt64
    /// Proves to Janus that a subscriber belongs to somebody who has joined.
    var privateID: UInt64
    /// The feed of the silent placeholder streams.
    var placeholder: String
    /// The receiving handle, once the client has answered its offer.
    var subscriber: UInt64?
}
