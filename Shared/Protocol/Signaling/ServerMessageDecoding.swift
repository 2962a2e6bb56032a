import Foundation

// For clients in Swift: tests, and whoever writes one.

extension ServerMessage {
    private struct Head: Decodable {
        var type: String?
        var re: Int?
        var ok: Reply?
        var error: Failure?
    }

    /// Reads one text frame that is not a room event.
    ///
    /// - Throws: `MessageError` with `malformed_message` or `unknown_type`.
    public init(decoding bytes: [UInt8]) throws(MessageError) {
        let data = Data(bytes)
        do {
            let head = try WireJSON.decoder.decode(Head.self, from: data)
            if let error = head.error {
                self = .failure(id: head.re, error)
            } else if let id = head.re, let reply = head.ok {
                self = .reply(id: id, reply)
            } else {
                self = try Self(type: head.type ?? "", data: data)
            }
        } catch let error as MessageError {
            throw error
        } catch {
            throw MessageError(code: .malformedMessage, message: "\(error)")
        }
    }

    private init(type: String, data: Data) throws {
        func body<Body: Decodable>(_ type: Body.Type) throws -> Body { try WireJSON.decoder.decode(type, from: data) }
        self =
            switch type {
            case "welcome": .welcome(try body(Welcome.self))
            case "resumed": .resumed(try body(Resumed.self))
            case "waiting": .waiting(try body(Waiting.self))
            case "refused": .refused(try body(Refused.self))
            case "lobby": .lobby(try body(Lobby.self))
            case "moderated": .moderated(try body(Moderated.self))
            case "media.offer": .mediaOffer(try body(MediaOffer.self))
            case "media.slots": .mediaSlots(try body(MediaSlots.self))
            case "media.lost": .mediaLost(try body(MediaLost.self))
            case "session.resync": .resync
            case "session.drain": .drain(try body(Drain.self))
            case "session.ended": .sessionEnded(try body(SessionEnded.self))
            default: throw MessageError(code: .unknownType, message: "There is no message of type \(type).")
            }
    }
}

/// A room event with its number, as it goes over the wire.
public struct NumberedEvent: Hashable, Sendable {
    public var seq: Int
    public var event: RoomEvent

    public init(seq: Int, event: RoomEvent) {
        self.seq = seq
        self.event = event
    }

    private struct Head: Decodable {
        var seq: Int
        var type: String
    }

    private struct Body: Decodable {
        var participants: [Participant]?
        var participant: Participant?
        var reason: MeetingEnd?
    }

    /// Reads one text frame with an event of one number.
    ///
    /// - Throws: `MessageError` with `malformed_message` or `unknown_type`.
    public init(decoding bytes: [UInt8]) throws(MessageError) {
        let data = Data(bytes)
        do {
            let head = try WireJSON.decoder.decode(Head.self, from: data)
            guard let kind = RoomEvent.Kind(rawValue: head.type) else {
                throw MessageError(code: .unknownType, message: "There is no event of type \(head.type).")
            }
            guard let event = try Self.event(kind, data) else {
                throw MessageError(code: .malformedMessage, message: "A field of `\(head.type)` is missing.")
            }
            self.init(seq: head.seq, event: event)
        } catch let error as MessageError {
            throw error
        } catch {
            throw MessageError(code: .malformedMessage, message: "\(error)")
        }
    }

    private static func event(_ kind: RoomEvent.Kind, _ data: Data) throws -> RoomEvent? {
        let decoder = WireJSON.decoder
        switch kind {
        case .joined: return try decoder.decode(Body.self, from: data).participants.map { .joined($0) }
        case .updated: return try decoder.decode(Body.self, from: data).participant.map { .updated($0) }
        case .left: return .left(try decoder.decode(RoomEvent.Left.self, from: data))
        case .chat: return .chat(try decoder.decode(RoomEvent.Chat.self, from: data))
        case .room: return .room(try decoder.decode(RoomEvent.Room.self, from: data))
        case .mediaMoved: return .mediaMoved
        case .meetingEnded: return try decoder.decode(Body.self, from: data).reason.map { .meetingEnded($0) }
        }
    }

    /// The text frame.
    public func encoded() throws -> [UInt8] {
        Array("{\"seq\":\(seq),".utf8) + (try event.encodedBody()).dropFirst()
    }
}
