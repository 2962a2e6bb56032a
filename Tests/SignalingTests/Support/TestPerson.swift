import Foundation
import ParleyProtocol
import TestSupport
import WebSockets

/// A browser's end of a socket: it notes all that comes, so that a test can look at it in any order.
actor TestPerson {
    /// One message of the server.
    struct Message: Sendable {
        let type: String
        let seq: Int?
        let re: Int?
        let data: Data

        private struct Head: Decodable {
            var type: String?
            var seq: Int?
            var re: Int?
        }

        init(_ bytes: [UInt8]) throws {
            data = Data(bytes)
            let head = try WireJSON.decoder.decode(Head.self, from: data)
            type = head.type ?? ""
            seq = head.seq
            re = head.re
        }

        func body<Body: Decodable>(_ type: Body.Type) throws -> Body { try WireJSON.decoder.decode(type, from: data) }

        private struct Changed: Decodable {
            var participant: Participant?
            var participants: [Participant]?
        }
        private struct Answer: Decodable {
            var ok: ServerMessage.Reply?
            var error: ServerMessage.Failure?
        }

        var participant: Participant? {
            let changed = try? body(Changed.self)
            return changed?.participant ?? changed?.participants?.first
        }
        private struct People: Decodable {
            var participants: [Participant]
        }

        /// Those of whom a welcome or `joined` tells.
        var people: [Participant] { get throws { try body(People.self).participants } }
        var chat: RoomEvent.Chat? { type == "chat" ? try? body(RoomEvent.Chat.self) : nil }
        var reply: ServerMessage.Reply? { try? body(Answer.self).ok }
        var failure: ServerMessage.Failure? { try? body(Answer.self).error }
    }

    nonisolated let connection: WebSocketConnection
    private(set) var messages: [Message] = []
    private var isEnded = false
    private var lastID = 1_000

    init(_ connection: WebSocketConnection) {
        self.connection = connection
        Task { await self.read() }
    }

    private func read() async {
        for await message in connection.inbound {
            if case .text(let bytes) = message, let message = try? Message(bytes) { messages.append(message) }
        }
        await connection.waitUntilClosed()
        isEnded = true
    }

    // MARK: Speaking

    func say(_ message: ClientMessage) throws {
        connection.send(text: try ClientRequest(message: message).encoded())
    }

    /// Sends any text.
    func say(raw: String) {
        connection.send(text: Array(raw.utf8))
    }

    /// Sends a request and waits for its answer.
    func ask(_ message: ClientMessage) async throws -> Message {
        lastID += 1
        let id = lastID
        connection.send(text: try ClientRequest(id: id, message: message).encoded())
        return try await first("the answer to \(message.kind.rawValue)") { $0.re == id }
    }

    func ask(raw: String, id: Int) async throws -> Message {
        say(raw: raw)
        return try await first("the answer to \(raw.prefix(80))") { $0.re == id }
    }

    /// Breaks the connection as a lost network does.
    func vanish() {
        connection.abort()
    }

    // MARK: Hearing

    func first(
        _ what: String, timeout: Duration = .seconds(10), where fits: (Message) -> Bool
    ) async throws -> Message {
        var found: Message?
        try await eventually(timeout: timeout, what) {
            found = messages.first(where: fits)
            return found == nil ? "heard only \(messages.map { $0.type.isEmpty ? "an answer" : $0.type })" : nil
        }
        guard let found else { throw Unexpected(what) }
        return found
    }

    func event(_ type: String, timeout: Duration = .seconds(10), where fits: (Message) -> Bool = { _ in true })
        async throws -> Message
    {
        try await first(type, timeout: timeout) { $0.type == type && fits($0) }
    }

    /// The latest welcome; waits for the `count`th.
    @discardableResult
    func welcome(_ count: Int = 1) async throws -> ServerMessage.Welcome {
        var all: [Message] = []
        try await eventually(timeout: .seconds(10), "welcome \(count)") {
            all = messages.filter { $0.type == "welcome" }
            return all.count < count
                ? "heard only \(messages.map { String(decoding: $0.data.prefix(200), as: UTF8.self) })" : nil
        }
        return try all[count - 1].body(ServerMessage.Welcome.self)
    }

    func refused() async throws -> ServerMessage.Refused {
        try await event("refused").body(ServerMessage.Refused.self)
    }

    /// Waits for the end of the socket.
    func closeCode(timeout: Duration = .seconds(10)) async throws -> UInt16? {
        try await eventually(timeout: timeout, "the end of the socket") { isEnded ? nil : "it is open" }
        return connection.closeCode
    }

    var isOpen: Bool { !isEnded }

    /// The numbers of the room events that came.
    var seqs: [Int] { messages.filter { !["welcome", "resumed"].contains($0.type) && $0.re == nil }.compactMap(\.seq) }

    /// Everybody who was in the first welcome or came later, in that order.
    func knownPeople() throws -> [ParticipantID] {
        try messages.filter { ["welcome", "joined"].contains($0.type) }.flatMap { try $0.people }.map(\.id)
    }

    var texts: [String] { messages.compactMap(\.chat?.text) }
}
