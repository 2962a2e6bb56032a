import NIOCore

/// Commands that are sent together and answered together.
struct RedisBatch: Sendable {
    let bytes: ByteBuffer
    /// Commands in `bytes`, at least one.
    let count: Int
    let promise: EventLoopPromise<[RESPValue]>
    /// Until when to wait: for a connection at first, and once sent, for the answer. Whoever holds the batch sets it.
    var deadline = NIODeadline.distantFuture

    /// - Throws: `RedisError` with `.invalidArgument`.
    init(_ commands: [[RedisArgument]], promise: @autoclosure () -> EventLoopPromise<[RESPValue]>) throws {
        guard !commands.isEmpty else { throw RedisError(.invalidArgument, "no command") }
        bytes = try RESPWriter.bytes(of: commands)
        count = commands.count
        self.promise = promise()
    }

    func fail(_ error: RedisError) {
        promise.fail(error)
    }
}

/// Batches in their order, with the sums that bounds are held against.
struct RedisBatchQueue {
    private var batches = CircularBuffer<RedisBatch>()
    private(set) var commands = 0
    private(set) var bytes = 0

    var first: RedisBatch? { batches.first }
    var isEmpty: Bool { batches.isEmpty }

    mutating func append(_ batch: RedisBatch) {
        batches.append(batch)
        commands += batch.count
        bytes += batch.bytes.readableBytes
    }

    mutating func popFirst() -> RedisBatch? {
        guard let batch = batches.popFirst() else { return nil }
        commands -= batch.count
        bytes -= batch.bytes.readableBytes
        return batch
    }

    /// Empties the queue before anybody hears of the failure, so that those who then come back find it empty.
    mutating func takeAll() -> [RedisBatch] {
        let all = Array(batches)
        self = RedisBatchQueue()
        return all
    }
}
