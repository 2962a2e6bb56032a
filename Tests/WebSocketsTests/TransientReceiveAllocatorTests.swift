import NIOCore
import Testing

@testable import WebSockets

@Suite("Receive buffers of a socket")
struct TransientReceiveAllocatorTests {
    private func capacity(_ allocator: TransientReceiveAllocator) -> Int {
        allocator.buffer(allocator: ByteBufferAllocator()).capacity
    }

    @Test("the buffer that a channel keeps is tiny; the others follow what comes, up to a bound")
    func sizes() {
        var allocator = TransientReceiveAllocator()
        #expect(capacity(allocator) == 64)
        for expected in [2_048, 4_096, 8_192, 16_384, 32_768, 65_536, 65_536] {
            let mayGrow = allocator.record(actualReadBytes: capacity(allocator))
            #expect(mayGrow)
            #expect(capacity(allocator) == expected)
        }
        let mayGrow = allocator.record(actualReadBytes: 10)
        #expect(mayGrow)
        #expect(capacity(allocator) == 2_048)
    }

    @Test("a channel keeps none of them but the first")
    func kept() {
        var pool = NIOPooledRecvBufferAllocator(capacity: 1, recvAllocator: TransientReceiveAllocator())
        for bytes in [64, 2_048, 4_096, 10, 10] {
            var (buffer, _) = pool.buffer(allocator: ByteBufferAllocator()) { $0.writeRepeatingByte(1, count: bytes) }
            #expect(buffer.readableBytes == bytes)
            pool.record(actualReadBytes: bytes)
            // Nobody else has the later ones: they are changed in place.
            let isAlone = buffer.modifyIfUniquelyOwned { _ in true } ?? false
            #expect(isAlone == (bytes != 64))
        }
        #expect(pool.count == 1)
    }
}
