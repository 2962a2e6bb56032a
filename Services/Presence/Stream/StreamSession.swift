import Logging
import ParleyProtocol
import ServiceKit
import WebSockets

/// One socket of `/api/presence/stream`, from its first message to its end.
struct StreamSession: Sendable {
    /// Messages that a client may send; a person leaves and comes back less often.
    private static let rate = TokenBucket(rate: 1, burst: 20)

    let connection: WebSocketConnection
    /// The client's address.
    let source: String
    let parts: StreamParts

    func run() async {
        parts.drain.opened(connection)
        defer { parts.drain.closed(connection) }
        // In a task of its own: a task keeps the memory of its deepest call to its end, and sockets live for hours.
        guard let stream = await Task(operation: begin).value else { return }
        PresenceMetrics.streamBegan(open: parts.open.count)
        await serve()
        stream.remove(connection)
        await parts.open.close(connection)
        await parts.streams.release(stream)
        PresenceMetrics.streamEnded(connection.closeCode, open: parts.open.count)
    }

    // MARK: Beginning

    /// Nothing when the stream does not begin.
    private func begin() async -> OrganizationStream? {
        guard let hello = await firstMessage() else { return nil }
        do throws(StreamRefusal) {
            let (organization, listener) = try await listener(hello.token)
            let stream = try await acquire(organization)
            do {
                try await parts.open.open(connection, listener, isActive: hello.active ?? true)
                let notices = stream.ownNotices
                let own =
                    if let person = listener.person { try await parts.people.own(person) } else { OwnPresence?.none }
                stream.add(
                    StreamState.Member(connection: connection, account: listener.person?.account), own: own,
                    notices: notices, known: hello.position)
            } catch is OpenStreams.TooMany {
                await parts.streams.release(stream)
                throw .tooMany
            } catch {
                parts.logger.debug("A stream did not begin", metadata: ["error": "\(error)"])
                await parts.open.close(connection)
                await parts.streams.release(stream)
                throw .unavailable
            }
            // It may have ended between the check of the token and now.
            if let session = listener.session, parts.accessTokens.hasEnded(session) { parts.open.signOut([session]) }
            return stream
        } catch {
            refuse(error)
            return nil
        }
    }

    /// A socket that says no hello in time, or something else, is closed.
    private func firstMessage() async -> PresenceClientMessage.Hello? {
        let connection = connection
        let deadline = Task {
            try await Task.sleep(for: .seconds(Limits.hello))
            connection.close(.helloTimeout, reason: "no hello")
        }
        defer { deadline.cancel() }
        var inbound = connection.inbound.makeAsyncIterator()
        guard let message = await inbound.next() else { return nil }
        guard case .text(let bytes) = message else {
            refuse(.notText)
            return nil
        }
        do throws(MessageError) {
            if case .hello(let hello) = try PresenceClientMessage(decoding: bytes) { return hello }
            refuse(.helloExpected)
        } catch {
            refuse(StreamRefusal(code: error.code, message: error.message))
        }
        return nil
    }

    private func listener(
        _ token: String
    ) async throws(StreamRefusal) -> (OrganizationID, OpenStreams.Listener) {
        do {
            if let reader = try await parts.readTokenHolder(token, source) {
                return (reader.organization, .system(reader.token))
            }
            let claims = try await parts.accessTokens.verify(token)
            return (
                claims.organization,
                .person(PersonKey(claims), claims.session, sessionEndsAt: claims.sessionEndsAt)
            )
        } catch let problem as ProblemError where problem.problem.code == .unauthenticated {
            throw .unauthenticated
        } catch let problem as ProblemError where problem.problem.code == .tooManyRequests {
            throw .tooOften(problem.problem.retryAfter)
        } catch {
            parts.logger.debug("A token could not be checked", metadata: ["error": "\(error)"])
            throw .unavailable
        }
    }

    private func acquire(_ organization: OrganizationID) async throws(StreamRefusal) -> OrganizationStream {
        do {
            return try await parts.streams.acquire(organization)
        } catch {
            parts.logger.debug("A stream can't be opened", metadata: ["error": "\(error)"])
            throw .unavailable
        }
    }

    private func refuse(_ refusal: StreamRefusal) {
        PresenceMetrics.streamRefused(refusal.code)
        connection.send(
            .refused(.init(code: refusal.code, message: refusal.message, retryAfter: refusal.retryAfter)))
        connection.close(refusal.close, reason: refusal.code.rawValue)
    }

    // MARK: Serving

    private func serve() async {
        var rate = Self.rate
        for await message in connection.inbound {
            guard rate.take() else {
                connection.close(.tooManyMessages, reason: "too many messages")
                return
            }
            guard case .text(let bytes) = message else {
                connection.close(.unsupportedData, reason: "binary")
                return
            }
            await Task { await answer(bytes) }.value
        }
    }

    private func answer(_ bytes: [UInt8]) async {
        do throws(MessageError) {
            switch try PresenceClientMessage(decoding: bytes) {
            case .activity(let activity): await parts.open.note(connection, isActive: activity.active)
            case .ping: connection.send(.pong)
            case .hello: throw MessageError(code: .badRequest, message: "This stream has begun already.")
            }
        } catch {
            connection.send(.error(.init(code: error.code, message: error.message)))
        }
    }
}

extension PresenceClientMessage.Hello {
    /// Up to where the client knows everything, if it does.
    fileprivate var position: PeoplePosition? {
        guard let epoch, let seq, seq >= 0, epoch.utf8.count <= 64 else { return nil }
        return PeoplePosition(epoch: epoch, seq: seq)
    }
}

/// Why a stream does not begin.
struct StreamRefusal: Error {
    var code: ErrorCode
    var message: String
    var close: CloseCode = .refused
    /// Seconds.
    var retryAfter: Int?

    static let helloExpected = StreamRefusal(code: .badRequest, message: "The first message is `hello`.")
    static let notText = StreamRefusal(
        code: .malformedMessage, message: "A message is text.", close: .unsupportedData)
    static let unauthenticated = StreamRefusal(code: .unauthenticated, message: "Nobody has signed in with this token.")
    static let tooMany = StreamRefusal(
        code: .tooManyRequests, message: "Too many streams of this account are open.", close: .tooManyMessages,
        retryAfter: 60)
    /// - Parameter retryAfter: seconds.
    static func tooOften(_ retryAfter: Int?) -> StreamRefusal {
        StreamRefusal(
            code: .tooManyRequests, message: "The token is used too often, or too many from this address were wrong.",
            close: .tooManyMessages, retryAfter: retryAfter)
    }
    static let unavailable = StreamRefusal(
        code: .unavailable, message: "Presence is not known at the moment.", close: .unavailable, retryAfter: 2)
}
