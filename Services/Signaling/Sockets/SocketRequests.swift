import ParleyProtocol
import ServiceKit
import WebSockets

/// The requests of one participant over one socket. They are carried out one after the other, and those for media in a line
/// of their own, because a media node may take seconds.
struct SocketRequests: Sendable {
    let hub: RoomHub
    let participant: ParticipantID
    let connection: WebSocketConnection

    /// Serves until the socket ends or the participant leaves.
    func serve() async {
        var limits = SocketLimits(factor: hub.services.times.rateFactor)
        var media: MediaLine?
        defer { media?.end() }
        var isFirst = true
        var inbound = connection.inbound.makeAsyncIterator()
        while let message = await inbound.next() {
            if isFirst { await hub.heard(participant, connection) }
            isFirst = false
            if let answering = take(message, &limits, &media), await answering.value == .over { return }
        }
    }

    /// What has begun with this message and is to be waited for. Not a part of `serve`, whose frame each open socket keeps.
    @inline(never)
    private func take(
        _ message: WebSocketMessage, _ limits: inout SocketLimits, _ media: inout MediaLine?
    ) -> Task<Next, Never>? {
        guard let request = read(message, &limits) else { return nil }
        guard allows(request, &limits) else {
            fail(request.id, .tooMany)
            return nil
        }
        if request.message.kind.isMedia {
            let line = media ?? MediaLine(self)
            media = line
            if !line.add(request) { fail(request.id, .tooMany) }
            return nil
        }
        return Task { await answer(request) }
    }

    /// The request, if it is one; else its sender is told.
    private func read(_ message: WebSocketMessage, _ limits: inout SocketLimits) -> ClientRequest? {
        guard limits.takeMessage() else {
            fail(nil, .tooMany)
            connection.close(.tooManyMessages, reason: "too many messages")
            return nil
        }
        guard case .text(let bytes) = message else {
            fail(nil, RequestFailure(code: .malformedMessage, message: "A message is text."))
            connection.close(.unsupportedData, reason: "binary")
            return nil
        }
        do throws(MessageError) {
            return try ClientRequest(decoding: bytes)
        } catch {
            fail(error.id, RequestFailure(code: error.code, message: error.message))
            return nil
        }
    }

    private func allows(_ request: ClientRequest, _ limits: inout SocketLimits) -> Bool {
        switch request.message {
        case .sendChat: limits.takeChat()
        case .updateParticipant, .signIn, .lockRoom, .admit, .deny, .moderate: limits.takeUpdate()
        case .viewMedia: limits.takeView()
        case .publishMedia, .unpublishMedia, .subscribeMedia, .answerMedia: limits.takeMedia()
        case .hello, .resume, .leave: true
        }
    }

    private enum Next {
        case more, over
    }

    /// In a task of its own for each request, for the sake of memory; see `SocketSession.run`.
    private func answer(_ request: ClientRequest) async -> Next {
        do throws(RequestFailure) {
            switch request.message {
            case .updateParticipant(let update):
                try await hub.update(participant, connection, update)
                reply(request.id)
            case .signIn(let signIn):
                try await hub.signIn(participant, connection, ticket: signIn.ticket)
                reply(request.id)
            case .lockRoom(let lock):
                try await hub.lock(participant, connection, lock.locked)
                reply(request.id)
            case .admit(let admit):
                try await hub.admit(participant, connection, admit.participants)
                reply(request.id)
            case .deny(let deny):
                try await hub.deny(participant, connection, deny.participant)
                reply(request.id)
            case .moderate(let moderation):
                try await hub.moderate(participant, connection, moderation)
                reply(request.id)
            case .sendChat(let chat):
                reply(request.id, .init(seq: try await hub.send(participant, connection, chat)))
            case .leave:
                try await hub.leave(participant, connection)
                reply(request.id)
                connection.send(.sessionEnded(.init(reason: .left)))
                connection.close(.normal, reason: "left")
                return .over
            default:
                throw RequestFailure(code: .badRequest, message: "This socket has its seat already.")
            }
        } catch {
            fail(request.id, error)
        }
        return .more
    }

    // MARK: Media

    /// Media requests one after the other, apart from the others. Made with the first one.
    private struct MediaLine {
        /// Requests that may wait. Each may hold an SDP of 200 KB, for as long as a media node does not answer.
        private static let maximumWaiting = 8

        private let waiting: AsyncStream<ClientRequest>.Continuation
        private let work: Task<Void, Never>

        init(_ requests: SocketRequests) {
            let (line, waiting) = AsyncStream.makeStream(
                of: ClientRequest.self, bufferingPolicy: .bufferingOldest(Self.maximumWaiting))
            self.waiting = waiting
            work = Task {
                for await request in line { await requests.answerMedia(request) }
            }
        }

        /// Whether there was room.
        func add(_ request: ClientRequest) -> Bool {
            if case .dropped = waiting.yield(request) { false } else { true }
        }

        func end() {
            waiting.finish()
            work.cancel()
        }
    }

    private func answerMedia(_ request: ClientRequest) async {
        do throws(RequestFailure) {
            let media = try await hub.media(participant, connection, isView: request.message.kind == .viewMedia)
            do throws(MediaError) {
                reply(request.id, try await carryOut(request.message, media))
            } catch {
                throw RequestFailure(code: error.code, message: error.message)
            }
        } catch {
            fail(request.id, error)
        }
    }

    private func carryOut(
        _ message: ClientMessage, _ media: ParticipantMedia
    ) async throws(MediaError) -> ServerMessage.Reply {
        switch message {
        case .publishMedia(let publish):
            return .init(sdp: try await media.publish(offer: try Self.bounded(publish.sdp)))
        case .unpublishMedia:
            await media.unpublish()
        case .subscribeMedia:
            try await media.subscribe()
        case .answerMedia(let answer):
            try await media.answer(sdp: try Self.bounded(answer.sdp))
            await hub.answered(participant)
        case .viewMedia(let view):
            try await media.view(view.slots)
        case .hello, .resume, .updateParticipant, .signIn, .sendChat, .lockRoom, .admit, .deny, .moderate, .leave:
            break
        }
        return .init()
    }

    private static func bounded(_ sdp: String) throws(MediaError) -> String {
        guard sdp.utf8.count <= Limits.sdp else {
            throw MediaError(code: .messageTooLarge, message: "An SDP has at most \(Limits.sdp) bytes.")
        }
        return sdp
    }

    // MARK: Answers

    private func reply(_ id: Int?, _ reply: ServerMessage.Reply = .init()) {
        guard let id else { return }
        connection.send(.reply(id: id, reply))
    }

    private func fail(_ id: Int?, _ failure: RequestFailure) {
        connection.send(
            .failure(
                id: id, .init(code: failure.code, message: failure.message, retryAfter: failure.retryAfter)))
    }
}

/// How much one socket may say.
struct SocketLimits: Sendable {
    private var messages: TokenBucket
    private var chat: TokenBucket
    private var updates: TokenBucket
    private var media: TokenBucket
    private var views: TokenBucket

    /// - Parameter factor: how much more than people at browsers need.
    init(factor: Double = 1) {
        messages = TokenBucket(rate: 20 * factor, burst: 60 * factor)
        chat = TokenBucket(rate: 2 * factor, burst: 10 * factor)
        updates = TokenBucket(rate: 5 * factor, burst: 20 * factor)
        media = TokenBucket(rate: 2 * factor, burst: 20 * factor)
        views = TokenBucket(rate: 5 * factor, burst: 40 * factor)
    }

    /// Any message. Whoever exceeds this is not a person at a browser, and is closed.
    mutating func takeMessage() -> Bool { messages.take() }

    /// A chat message. People may type faster for a moment; they are only told to wait.
    mutating func takeChat() -> Bool { chat.take() }

    /// A change of oneself.
    mutating func takeUpdate() -> Bool { updates.take() }

    /// A step of building a connection for media, which costs the media node, that all have together, the most.
    mutating func takeMedia() -> Bool { media.take() }

    /// A wish of what to see, made whenever the page is arranged anew.
    mutating func takeView() -> Bool { views.take() }
}

extension ClientMessage.Kind {
    var isMedia: Bool {
        switch self {
        case .publishMedia, .unpublishMedia, .subscribeMedia, .answerMedia, .viewMedia: true
        case .hello, .resume, .updateParticipant, .signIn, .sendChat, .lockRoom, .admit, .deny, .leave: false
        case .turnOff, .block, .askToUnmute, .lowerHands, .setRole, .rename, .remove, .sendToLobby, .spotlight,
            .endMeeting:
            false
        }
    }
}
