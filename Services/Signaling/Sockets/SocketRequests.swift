import ParleyProtocol
import WebSockets

/// The requests of one participant over one socket. They are carried out one after the other, and those for media in a line
/// of their own, because a media node may take seconds.
struct SocketRequests: Sendable {
    /// Media requests that may wait.
    private static let maximumWaiting = 32

    let hub: RoomHub
    let participant: ParticipantID
    let connection: WebSocketConnection

    /// Serves until the socket ends or the participant leaves.
    func serve(_ inbound: inout WebSocketInbound.Iterator) async {
        let (line, waiting) = AsyncStream.makeStream(
            of: ClientRequest.self, bufferingPolicy: .bufferingOldest(Self.maximumWaiting))
        let media = Task {
            for await request in line { await answerMedia(request) }
        }
        defer {
            waiting.finish()
            media.cancel()
        }
        var limits = SocketLimits()
        var isFirst = true
        while let message = await inbound.next() {
            if isFirst { await hub.heard(participant, connection) }
            isFirst = false
            guard limits.takeMessage() else {
                fail(nil, .tooMany)
                return connection.close(.tooManyMessages, reason: "too many messages")
            }
            guard case .text(let bytes) = message else {
                fail(nil, RequestFailure(code: .malformedMessage, message: "A message is text."))
                return connection.close(.unsupportedData, reason: "binary")
            }
            do throws(MessageError) {
                let request = try ClientRequest(decoding: bytes)
                if request.message.kind.isMedia {
                    if case .dropped = waiting.yield(request) { fail(request.id, .tooMany) }
                } else if await answer(request, &limits) == .over {
                    return
                }
            } catch {
                fail(error.id, RequestFailure(code: error.code, message: error.message))
            }
        }
    }

    private enum Next {
        case more, over
    }

    private func answer(_ request: ClientRequest, _ limits: inout SocketLimits) async -> Next {
        do throws(RequestFailure) {
            switch request.message {
            case .updateParticipant(let update):
                guard limits.takeUpdate() else { throw .tooMany }
                try await hub.update(participant, connection, update)
                reply(request.id)
            case .sendChat(let chat):
                guard limits.takeChat() else { throw .tooMany }
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

    private func answerMedia(_ request: ClientRequest) async {
        do throws(RequestFailure) {
            let media = try await hub.media(participant, connection)
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
        case .hello, .resume, .updateParticipant, .sendChat, .leave:
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
    private var messages = TokenBucket(rate: 20, burst: 60)
    private var chat = TokenBucket(rate: 2, burst: 10)
    private var updates = TokenBucket(rate: 5, burst: 20)

    /// Any message. Whoever exceeds this is not a person at a browser, and is closed.
    mutating func takeMessage() -> Bool { messages.take() }

    /// A chat message. People may type faster for a moment; they are only told to wait.
    mutating func takeChat() -> Bool { chat.take() }

    /// A change of oneself.
    mutating func takeUpdate() -> Bool { updates.take() }
}

extension ClientMessage.Kind {
    var isMedia: Bool {
        switch self {
        case .publishMedia, .unpublishMedia, .subscribeMedia, .answerMedia, .viewMedia: true
        case .hello, .resume, .updateParticipant, .sendChat, .leave: false
        }
    }
}
