import NIOCore

/// Receive buffers that nobody keeps.
///
/// A channel keeps what it received into, to use it again: of an idle socket at least 2 KiB, and after one large message
/// some 30 KiB, for ever. Sockets are mostly idle, and a fresh buffer costs less than the read it is for.
struct TransientReceiveAllocator: RecvByteBufferAllocator {
    /// The first one is kept all the same.
    private static let first = 64
    private static let usual = 2 * 1_024
    private static let largest = 64 * 1_024

    private var size = first

    /// Must be called on the channel's event loop before its first read.
    static func use(for channel: any Channel) throws {
        guard let options = channel.syncOptions else { return }
        // With more than one message per read the channel would keep as many buffers.
        try options.setOption(.maxMessagesPerRead, value: 1)
        try options.setOption(.recvAllocator, value: TransientReceiveAllocator())
    }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        allocator.buffer(capacity: size)
    }

    /// Answers that the next buffer may be larger, so that the kept one is not used.
    mutating func record(actualReadBytes: Int) -> Bool {
        size = actualReadBytes < size ? Self.usual : min(max(size * 2, Self.usual), Self.largest)
        return true
    }

    /// Not known: a size would have the channel look for a kept buffer.
    func nextBufferSize() -> Int? { nil }
}
