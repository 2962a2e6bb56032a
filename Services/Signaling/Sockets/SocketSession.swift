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
    let tickets: TicketTokens
    let times: SignalingTimes
    let logger: Logger

    func run() async {
        var inbound = connection.inbound.makeAsyncIterator()
        guard let first = await firstMessage(&inbound) else { return }
        do throws(Refusal) {
            let hub = try await acquire()
            do throws(Refusal) {
                let participant = try await enter(hub, first)
                await SocketRequests(hub: hub, participant: participant, connection: connection)
                    .serve(&inbound)
                await hub.socketEnded(participant, connection)
            } catch {
                refuse(error)
            }
            await registry.release(hub)
        } catch {
            refuse(error)
        }
    }

    /// The first message, understood; a socket that says none in time, or none that can be understood, is closed.
    private func firstMessage(_ inbound: inout WebSocketInbound.Iterator) async -> ClientMessage? {
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

    private func enter(_ hub: RoomHub, _ first: ClientMessage) async throws(Refusal) -> ParticipantID {
        switch first {
        case .hello(let hello):
            guard let ticket = try? await tickets.verify(hello.ticket), ticket.room == room else {
                throw .ticketInvalid
            }
            return try await hub.join(connection, ticket: ticket, state: hello.state)
        case .resume(let resume):
            return try await hub.resume(connection, token: resume.token)
        default:
            throw .helloExpected
        }
    }

    private func refuse(_ refusal: Refusal) {
        connection.send(
            .refused(.init(code: refusal.code, message: refusal.message, retryAfter: refusal.retryAfter)))
        connection.close(refusal.close, reason: refusal.code.rawValue)
    }
}
