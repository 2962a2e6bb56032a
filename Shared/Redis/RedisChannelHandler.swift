import NIOCore

/// One connection: commands go out in order, and each reply answers the oldest command without one.
///
/// A command that is not answered by its deadline closes the connection, because its late reply would answer the next one.
/// All of it runs on the channel's event loop.
final class RedisChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Called for what answers no command. Without it, every reply answers a command: a list may well look like a message.
    var onPush: ((RedisPush) -> Void)?
    /// Called once, when no command can be sent any more.
    var onClose: ((RedisError) -> Void)?

    private let reader: RESPReader
    private let timeout: TimeAmount
    private var context: ChannelHandlerContext?
    private var queue = RedisQueue<RedisBatch>()
    /// Replies to the commands of the first batch so far.
    private var replies: [RESPValue] = []
    private var timer: Scheduled<Void>?
    private var flushIsScheduled = false
    private var closesWhenDrained = false
    private var isClosed = false
    /// When bytes came last.
    private(set) var lastSignOfLife = NIODeadline.now()

    var pendingCommands: Int { queue.commands }
    var pendingBytes: Int { queue.bytes }
    var isOpen: Bool { context != nil && !isClosed }

    /// - Parameter timeout: from sending to the answer.
    init(limits: RedisLimits, timeout: TimeAmount) throws {
        self.timeout = timeout
        reader = try RESPReader(limit: limits.replyBytes)
    }

    // MARK: Sending

    /// The deadline begins now: a command that has waited for this connection is no reason to give it up at once.
    func send(_ batch: RedisBatch) {
        guard let context, !isClosed, !closesWhenDrained else {
            return batch.fail(RedisError(.connection, "the connection is closed"))
        }
        var batch = batch
        batch.deadline = .now() + timeout
        queue.append(batch)
        context.write(wrapOutboundOut(batch.bytes), promise: nil)
        scheduleFlush(context)
        if timer == nil { scheduleTimer(context) }
    }

    /// Everything that is sent in one turn of the event loop leaves by one system call.
    private func scheduleFlush(_ context: ChannelHandlerContext) {
        guard !flushIsScheduled else { return }
        flushIsScheduled = true
        context.eventLoop.assumeIsolated().execute {
            self.flushIsScheduled = false
            self.context?.flush()
        }
    }

    // MARK: Deadlines

    /// One timer for the oldest command is enough: all have the same timeout, so deadlines are in order.
    private func scheduleTimer(_ context: ChannelHandlerContext) {
        guard let deadline = queue.first?.deadline else {
            timer = nil
            return
        }
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.checkDeadline()
        }
    }

    private func checkDeadline() {
        timer = nil
        guard let context, let first = queue.first else { return }
        guard first.deadline <= .now() else { return scheduleTimer(context) }
        close(RedisError(.timeout, "Redis did not answer in time"))
    }

    // MARK: Receiving

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosed else { return }
        lastSignOfLife = .now()
        do {
            try reader.feed(unwrapInboundIn(data))
            while !isClosed, let reply = try reader.next() {
                try receive(reply)
            }
        } catch let error as RedisError {
            close(error)
        } catch {
            close(RedisError(.invalidReply, "\(error)"))
        }
    }

    private func receive(_ reply: RESPValue) throws {
        if let onPush, let push = RedisPush(reply) { return onPush(push) }
        guard let batch = queue.first else {
            throw RedisError(.invalidReply, "a reply that nobody asked for")
        }
        if batch.ignoresErrors, case .error = reply { return }
        replies.append(reply)
        guard replies.count == batch.count else { return }
        let complete = replies
        replies = []
        _ = queue.popFirst()
        batch.answer(.success(complete))
        if closesWhenDrained, queue.isEmpty { close(.shutDown) }
    }

    // MARK: The end

    /// Lets the commands that are on their way be answered, at most until their deadline.
    func closeWhenDrained() {
        closesWhenDrained = true
        if queue.isEmpty { close(.shutDown) }
    }

    func close(_ reason: RedisError) {
        finish(reason)
        context?.close(promise: nil)
    }

    private func finish(_ reason: RedisError) {
        guard !isClosed else { return }
        isClosed = true
        timer?.cancel()
        timer = nil
        let lost = queue.takeAll()
        replies = []
        onClose?(reason)
        onClose = nil
        onPush = nil
        let now = NIODeadline.now()
        for batch in lost {
            batch.fail(
                batch.deadline <= now
                    ? RedisError(.timeout, "Redis did not answer in time")
                    : RedisError(
                        reason.code == .closed ? .closed : .connection,
                        "the connection was lost before the answer came: \(reason.message)"))
        }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        finish(RedisError(.connection, "the connection was closed"))
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(RedisError(.connection, "the server closed the connection"))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(RedisError(.connection, "\(error)"))
    }
}

extension RedisError {
    static let shutDown = RedisError(.closed, "the client has been shut down")
}
