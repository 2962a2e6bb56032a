import NIOCore

/// Commands on their way to the nodes they belong to, over every redirect. Bound to the event loop of the client.
struct RedisRequest {
    let commands: [RedisCommand]
    /// Until when it may be sent, or sent again. The answer may then take the command timeout once more.
    let deadline: NIODeadline
    /// Called once, with as many replies as there are commands.
    let answer: RedisBatch.Answer
    /// How often a node has named another one.
    var redirects = 0
    /// The node that holds the key though it does not own the slot yet. Nil: the owner.
    var askedNode: RedisNode?
    /// The last "not now", and what the answer is if there is no time left.
    var refusal: Refusal?

    let count: Int
    let size: Int

    struct Refusal {
        /// At least 1.
        var times = 1
        let reply: RESPValue
        /// When to try again.
        let pause: NIODeadline
    }

    init(_ commands: [RedisCommand], deadline: NIODeadline, answer: @escaping RedisBatch.Answer) {
        self.commands = commands
        self.deadline = deadline
        self.answer = answer
        count = commands.count
        size = commands.reduce(0) { $0 + $1.bytes.readableBytes }
    }

    /// Part of this request, with an answer of its own.
    func part(_ indexes: [Int], answer: @escaping RedisBatch.Answer) -> RedisRequest {
        var part = RedisRequest(indexes.map { commands[$0] }, deadline: deadline, answer: answer)
        part.redirects = redirects
        part.refusal = refusal
        return part
    }

    /// Another node has been named: the new owner, which the map knows by now, or one to be asked for these commands alone.
    func redirected(to askedNode: RedisNode?) -> RedisRequest {
        var request = self
        request.redirects += 1
        request.askedNode = askedNode
        return request
    }

    /// It is to be sent again after a pause that grows from refusal to refusal.
    func refused(with reply: RESPValue) -> RedisRequest {
        var request = self
        let times = (refusal?.times ?? 0) + 1
        let longest = min(Int64(10) << min(times, 10), 200)
        let pause = TimeAmount.milliseconds(.random(in: (longest / 2)...longest))
        request.refusal = Refusal(times: times, reply: reply, pause: .now() + pause)
        request.askedNode = nil
        return request
    }

    func fail(_ error: RedisError) {
        answer(.failure(error))
    }

    /// There is no time left to send it.
    func expire() {
        if let refusal {
            answer(.success(Array(repeating: refusal.reply, count: count)))
        } else {
            fail(RedisError(.connection, "Redis cannot be reached"))
        }
    }

    /// For one connection. The node that is asked for a key it does not own yet wants to be told so before each command.
    var bytes: ByteBuffer {
        guard askedNode != nil || count > 1 else { return commands.first?.bytes ?? ByteBuffer() }
        var bytes = ByteBuffer()
        for command in commands {
            if askedNode != nil { bytes.writeString("*1\r\n$6\r\nASKING\r\n") }
            bytes.writeImmutableBuffer(command.bytes)
        }
        return bytes
    }
}

extension RedisRequest: RedisQueued {}

/// Puts the replies to the parts of a request together again, in the order of its commands.
final class RedisGathering {
    private var replies: [RESPValue]
    private var missing = 0
    private var failure: RedisError?
    private let answer: RedisBatch.Answer

    /// - Parameters:
    ///   - replies: those that are there already, and anything in the places of the others.
    ///   - answer: called when all parts are answered, with the first failure if there was one.
    init(_ replies: [RESPValue], answer: @escaping RedisBatch.Answer) {
        self.replies = replies
        self.answer = answer
    }

    /// The answer of a part. Ask for those of all parts before any part is sent.
    func part(_ indexes: [Int]) -> RedisBatch.Answer {
        missing += 1
        return { self.take($0, indexes) }
    }

    private func take(_ result: Result<[RESPValue], RedisError>, _ indexes: [Int]) {
        switch result {
        case .success(let values):
            for (index, value) in zip(indexes, values) {
                replies[index] = value
            }
        case .failure(let error):
            failure = failure ?? error
        }
        missing -= 1
        guard missing == 0 else { return }
        if let failure { answer(.failure(failure)) } else { answer(.success(replies)) }
    }
}
