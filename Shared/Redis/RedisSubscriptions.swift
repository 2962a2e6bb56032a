import Logging
import NIOCore

/// Who listens to which channel, over every reconnect. Bound to the event loop of its link.
final class RedisSubscriptions {
    private struct Subscriber {
        let id: Int
        let receive: @Sendable (ByteBuffer) -> Void
        let interrupted: @Sendable () -> Void
        /// Redis has confirmed; only then are messages delivered.
        var isConfirmed = false
    }

    private let link: RedisLink
    private let logger: Logger
    private var subscribers: [String: [Subscriber]] = [:]
    private var lastID = 0

    init(link: RedisLink, logger: Logger) {
        self.link = link
        self.logger = logger
        link.onMessage = { [weak self] in self?.deliver($1, channel: String(decoding: $0, as: UTF8.self)) }
        link.onConnect = { [weak self] in self?.resubscribe() }
    }

    var isEmpty: Bool { subscribers.isEmpty }

    /// - Parameter batch: holds `SUBSCRIBE` of this one channel.
    /// - Returns: the number to cancel with. Fails with a `RedisError` if Redis does not confirm.
    func add(
        channel: String, batch: RedisBatch, receive: @escaping @Sendable (ByteBuffer) -> Void,
        interrupted: @escaping @Sendable () -> Void
    ) -> EventLoopFuture<Int> {
        lastID += 1
        let id = lastID
        subscribers[channel, default: []].append(Subscriber(id: id, receive: receive, interrupted: interrupted))
        // Registered before the batch can be answered, so that no message comes between the two.
        let confirmed = batch.promise.futureResult.flatMapThrowing { replies in
            for reply in replies {
                _ = try reply.orThrow()
            }
        }
        confirmed.assumeIsolated().whenComplete { result in
            switch result {
            case .success: self.confirm(id, channel: channel)
            case .failure: _ = self.forget(id, channel: channel)
            }
        }
        link.submit(batch)
        return confirmed.map { id }
    }

    /// No callback is made afterwards. The future waits for Redis and never fails.
    func remove(_ id: Int, channel: String) -> EventLoopFuture<Void> {
        guard forget(id, channel: channel), subscribers[channel] == nil, link.isConnected else {
            return link.eventLoop.makeSucceededVoidFuture()
        }
        return link.sendNow(["UNSUBSCRIBE", RedisArgument(channel)]).map { _ in }.recover { _ in }
    }

    func removeAll() {
        subscribers = [:]
    }

    private func confirm(_ id: Int, channel: String) {
        guard let index = subscribers[channel]?.firstIndex(where: { $0.id == id }) else { return }
        subscribers[channel]?[index].isConfirmed = true
    }

    /// - Returns: whether it was there.
    private func forget(_ id: Int, channel: String) -> Bool {
        guard let index = subscribers[channel]?.firstIndex(where: { $0.id == id }) else { return false }
        subscribers[channel]?.remove(at: index)
        if subscribers[channel]?.isEmpty == true { subscribers[channel] = nil }
        return true
    }

    private func deliver(_ payload: [UInt8], channel: String) {
        let message = ByteBuffer(bytes: payload)
        for subscriber in subscribers[channel] ?? [] where subscriber.isConfirmed {
            subscriber.receive(message)
        }
    }

    /// One command per channel, so that `interrupted` comes right before the first message of the new subscription.
    private func resubscribe() {
        for (channel, members) in subscribers {
            let interrupted = members.filter(\.isConfirmed).map(\.id)
            guard !interrupted.isEmpty else { continue }
            link.sendNow(["SUBSCRIBE", RedisArgument(channel)]).assumeIsolated().whenComplete { result in
                switch result {
                case .success: self.tellInterruption(channel: channel, ids: interrupted)
                case .failure(let error): self.failedToResubscribe(error)
                }
            }
        }
    }

    private func tellInterruption(channel: String, ids: [Int]) {
        for subscriber in subscribers[channel] ?? [] where ids.contains(subscriber.id) {
            subscriber.interrupted()
        }
    }

    /// A refusal of the server leaves a subscriber deaf; a new connection tries again. A lost connection does so anyway.
    private func failedToResubscribe(_ error: any Error) {
        guard let error = error as? RedisError, case .server = error.code else { return }
        logger.warning("Redis refuses a subscription", metadata: ["error": "\(error.message)"])
        link.reconnect(because: error)
    }
}
