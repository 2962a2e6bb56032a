import NIOCore

/// Commands that are sent together on one connection and answered together. Bound to the event loop of that connection.
struct RedisBatch {
    typealias Answer = (Result<[RESPValue], RedisError>) -> Void

    let bytes: ByteBuffer
    /// Replies to come, at least one.
    let count: Int
    /// Errors answer nothing in this batch: see `RedisLink.unsubscribe`.
    var ignoresErrors = false
    /// Until when to wait for the answer. Set when it is sent.
    var deadline = NIODeadline.distantFuture
    /// Called once.
    let answer: Answer

    init(bytes: ByteBuffer, count: Int, answer: @escaping Answer) {
        self.bytes = bytes
        self.count = count
        self.answer = answer
    }

    /// - Throws: `RedisError` with `.invalidArgument`.
    init(_ commands: [[RedisArgument]], answer: @escaping Answer) throws {
        guard !commands.isEmpty else { throw RedisError(.invalidArgument, "no command") }
        self.init(bytes: try RESPWriter.bytes(of: commands), count: commands.count, answer: answer)
    }

    func fail(_ error: RedisError) {
        answer(.failure(error))
    }
}

/// What can stand in a bounded queue.
protocol RedisQueued {
    /// Replies to come.
    var count: Int { get }
    var size: Int { get }
}

extension RedisBatch: RedisQueued {
    var size: Int { bytes.readableBytes }
}

/// Elements in their order, with the sums that bounds are held against.
struct RedisQueue<Element: RedisQueued> {
    private var elements = CircularBuffer<Element>()
    private(set) var commands = 0
    private(set) var bytes = 0

    var first: Element? { elements.first }
    var isEmpty: Bool { elements.isEmpty }

    mutating func append(_ element: Element) {
        elements.append(element)
        commands += element.count
        bytes += element.size
    }

    mutating func popFirst() -> Element? {
        guard let element = elements.popFirst() else { return nil }
        commands -= element.count
        bytes -= element.size
        return element
    }

    /// Empties the queue before anybody hears of it, so that those who then come back find it empty.
    mutating func takeAll() -> [Element] {
        let all = Array(elements)
        self = RedisQueue()
        return all
    }
}

extension EventLoopPromise where Value: Sendable {
    func completeWith(_ result: Result<Value, RedisError>) {
        switch result {
        case .success(let value): succeed(value)
        case .failure(let error): fail(error)
        }
    }
}
