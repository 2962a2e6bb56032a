import Logging
import ParleyProtocol
import Redis
import ServiceKit
import WebSockets

/// One socket, from its first message to its end: `hello` or `resume`, then requests.
struct SocketSession: Sendable {
    let room: RoomID
    let connection: WebSocketConnection
    let registry: RoomRegistry
    let times: SignalingTimes
    let drain: SocketDrain
    let logger: Logger

    func run() async {
        SignalingMetrics.socketOpened()
        drain.opened(connection)
        defer { drain.closed(connection) }
        // In a task of its own: a task keeps the memory of its deepest call to its end, and sockets live for hours.
        if let requests = await Task(operation: enter).value {
            await requests.serve()
            await requests.hub.socketEnded(requests.participant, connection)
            await registry.release(requests.hub)
        }
        SignalingMetrics.socketEnded(connection.closeCode)
    }

    /// The way from the first message to the welcome. Nothing when there is none.
    private func enter() async -> SocketRequests? {
        guard let first = await firstMessage() else { return nil }
        do throws(Refusal) {
            let claim = try await claim(first)
            let hub = try await acquire()
            do throws(Refusal) {
                let participant = try await enter(hub, claim)
                SignalingMetrics.entered(claim.kind, nil)
                return SocketRequests(hub: hub, participant: participant, connection: connection)
            } catch {
                SignalingMetrics.entered(claim.kind, error.code)
                refuse(error)
            }
            await registry.release(hub)
        } catch {
            refuse(error)
        }
        return nil
    }

    /// The first message, understood; a socket that says none in time, or none that can be understood, is closed.
    private func firstMessage() async -> ClientMessage? {
        var inbound = connection.inbound.makeAsyncIterator()
        let connection = connection
        let limit = times.hello
        let deadline = Task {
            try await Task.sleep(for: limit)
            connection.close(.helloTimeout, reason: "no hello")
        }
        defer { deadline.cancel() }
        guard let message = await inbound.next() else { return nil }
        guard case .text(let bytes) = message else {
            refuse(Refusal(code: .malformedMessage, message: "A message is text.", close: .unsupportedData))
            return nil
        }
        do throws(MessageError) {
            return try ClientRequest(decoding: bytes).message
        } catch {
            refuse(Refusal(code: error.code, message: error.message))
            return nil
        }
    }

    private func acquire() async throws(Refusal) -> RoomHub {
        do {
            return try await registry.acquire(room)
        } catch {
            logger.warning("A room can't be opened", metadata: ["room": "\(room)", "error": "\(error)"])
            throw .unavailable
        }
    }

    /// What somebody can show who wants to come in.
    private enum Claim {
        case ticket(TicketClaims, isExpired: Bool, ClientMessage.Hello)
        case token(ResumeToken, known: EventOrder?)

        var kind: String {
            switch self {
            case .ticket: "hello"
            case .token: "resume"
            }
        }
    }

    /// Checks all that can be checked without Redis: whoever has nothing to show costs nothing there.
    private func claim(_ first: ClientMessage) async throws(Refusal) -> Claim {
        switch first {
        case .hello(let hello):
            guard let (ticket, isExpired) = try? await registry.services.tickets.verify(hello.ticket),
                ticket.room == room
            else {
                throw .ticketInvalid
            }
            // Without a key nobody can have come with it before.
            guard !isExpired || hello.key != nil else { throw .ticketInvalid }
            return .ticket(ticket, isExpired: isExpired, hello)
        case .resume(let resume):
            guard let token = registry.services.resumeTokens.read(resume.token, room) else { throw .gone }
            return .token(token, known: resume.position)
        default:
            throw .helloExpected
        }
    }

    private func enter(_ hub: RoomHub, _ claim: Claim) async throws(Refusal) -> ParticipantID {
        switch claim {
        case .token(let token, let known):
            return try await hub.resume(connection, token: token, known: known)
        case .ticket(let ticket, let isExpired, let hello):
            let participant = try await hub.join(connection, ticket: ticket, isExpired: isExpired, hello: hello)
            // Nobody has heard the resume token of a socket that is closed already.
            if connection.closeCode != nil, hello.key == nil { try? await hub.leave(participant, connection) }
            return participant
        }
    }

    private func refuse(_ refusal: Refusal) {
        if refusal.close == .signedOut { return connection.endSignedOut() }
        connection.send(
            .refused(.init(code: refusal.code, message: refusal.message, retryAfter: refusal.retryAfter)))
        connection.close(refusal.close, reason: refusal.code.rawValue)
    }
}

extension ClientMessage.Resume {
    /// The last event that the client has seen, if it knows any.
    fileprivate var position: EventOrder? {
        guard let epoch, let seq, seq >= 0, epoch.utf8.count <= 64 else { return nil }
        return EventOrder(epoch: epoch, seq: seq)
    }
}
