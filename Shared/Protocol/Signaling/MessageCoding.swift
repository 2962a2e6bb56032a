import Foundation

/// Why a client's message was not understood, and what to answer.
public struct MessageError: Error, Hashable, Sendable {
    public var code: ErrorCode
    public var message: String
    /// The request's id, when it could be read.
    public var id: Int?

    public init(code: ErrorCode, message: String, id: Int? = nil) {
        self.code = code
        self.message = message
        self.id = id
    }
}

/// A client's message with the id that its answer repeats.
public struct ClientRequest: Hashable, Sendable {
    public var id: Int?
    public var message: ClientMessage

    public init(id: Int? = nil, message: ClientMessage) {
        self.id = id
        self.message = message
    }

    private struct Envelope: Codable {
        var type: String
        var id: Int?
    }

    /// Reads one text frame.
    ///
    /// - Throws: `MessageError` with `message_too_large`, `malformed_message` (not JSON, a key twice, a field missing
    ///   or of the wrong type) or `unknown_type`.
    public init(decoding bytes: [UInt8]) throws(MessageError) {
        guard bytes.count <= Limits.frame else {
            throw MessageError(code: .messageTooLarge, message: "The message is larger than \(Limits.frame) bytes.")
        }
        do {
            try StrictJSON.check(bytes)
        } catch {
            throw MessageError(code: .malformedMessage, message: error.description)
        }
        let data = Data(bytes)
        guard let envelope = try? WireJSON.decoder.decode(Envelope.self, from: data) else {
            throw MessageError(
                code: .malformedMessage,
                message: "A message is an object with a text `type` and an optional whole `id`.")
        }
        id = envelope.id
        guard let kind = ClientMessage.Kind(rawValue: envelope.type) else {
            throw MessageError(code: .unknownType, message: "There is no message of this type.", id: envelope.id)
        }
        guard kind.carriesSDP || bytes.count <= Limits.message else {
            throw MessageError(
                code: .messageTooLarge, message: "The message is larger than \(Limits.message) bytes.", id: envelope.id)
        }
        do {
            message = try ClientMessage(kind: kind, data: data)
        } catch {
            throw MessageError(
                code: .malformedMessage, message: "A field of `\(kind.rawValue)` is missing or of the wrong type.",
                id: envelope.id)
        }
    }

    /// The text frame, for clients in Swift (tests and the load generator).
    public func encoded() throws -> [UInt8] {
        let envelope = Envelope(type: message.kind.rawValue, id: id)
        return try WireJSON.merge(try WireJSON.encode(envelope), message.body)
    }
}

extension ClientMessage {
    fileprivate init(kind: Kind, data: Data) throws {
        func body<Body: Decodable>(_ type: Body.Type) throws -> Body { try WireJSON.decoder.decode(type, from: data) }
        self =
            switch kind {
            case .hello: .hello(try body(Hello.self))
            case .resume: .resume(try body(Resume.self))
            case .updateParticipant: .updateParticipant(try body(UpdateParticipant.self))
            case .signIn: .signIn(try body(SignIn.self))
            case .sendChat: .sendChat(try body(SendChat.self))
            case .publishMedia: .publishMedia(try body(PublishMedia.self))
            case .unpublishMedia: .unpublishMedia
            case .subscribeMedia: .subscribeMedia
            case .answerMedia: .answerMedia(try body(AnswerMedia.self))
            case .viewMedia: .viewMedia(try body(ViewMedia.self))
            case .lockRoom: .lockRoom(try body(LockRoom.self))
            case .admit: .admit(try body(Admit.self))
            case .deny: .deny(try body(Deny.self))
            case .turnOff: .moderate(.turnOff(try body(Moderation.Sources.self)))
            case .block: .moderate(.block(try body(Moderation.Block.self)))
            case .askToUnmute: .moderate(.askToUnmute(try body(Moderation.Person.self)))
            case .lowerHands: .moderate(.lowerHands(try body(Moderation.People.self)))
            case .setRole: .moderate(.setRole(try body(Moderation.SetRole.self)))
            case .rename: .moderate(.rename(try body(Moderation.Rename.self)))
            case .remove: .moderate(.remove(try body(Moderation.Remove.self)))
            case .sendToLobby: .moderate(.sendToLobby(try body(Moderation.Person.self)))
            case .spotlight: .moderate(.spotlight(try body(Moderation.Spotlight.self)))
            case .endMeeting: .moderate(.end)
            case .leave: .leave
            }
    }

    fileprivate var body: (any Encodable)? {
        switch self {
        case .hello(let body): body
        case .resume(let body): body
        case .updateParticipant(let body): body
        case .signIn(let body): body
        case .sendChat(let body): body
        case .publishMedia(let body): body
        case .answerMedia(let body): body
        case .viewMedia(let body): body
        case .lockRoom(let body): body
        case .admit(let body): body
        case .deny(let body): body
        case .moderate(let moderation): moderation.body
        case .unpublishMedia, .subscribeMedia, .leave: nil
        }
    }
}

extension ServerMessage {
    private struct ReplyEnvelope: Codable {
        var re: Int
        var ok: Reply
    }
    private struct FailureEnvelope: Codable {
        var re: Int?
        var error: Failure
    }

    /// The text frame.
    public func encoded() throws -> [UInt8] {
        switch self {
        case .reply(let id, let reply): try WireJSON.encode(ReplyEnvelope(re: id, ok: reply))
        case .failure(let id, let failure): try WireJSON.encode(FailureEnvelope(re: id, error: failure))
        case .welcome(let body): try WireJSON.encode(type: "welcome", body)
        case .resumed(let body): try WireJSON.encode(type: "resumed", body)
        case .waiting(let body): try WireJSON.encode(type: "waiting", body)
        case .refused(let body): try WireJSON.encode(type: "refused", body)
        case .lobby(let body): try WireJSON.encode(type: "lobby", body)
        case .moderated(let body): try WireJSON.encode(type: "moderated", body)
        case .mediaOffer(let body): try WireJSON.encode(type: "media.offer", body)
        case .mediaSlots(let body): try WireJSON.encode(type: "media.slots", body)
        case .mediaLost(let body): try WireJSON.encode(type: "media.lost", body)
        case .resync: try WireJSON.encode(type: "session.resync")
        case .drain(let body): try WireJSON.encode(type: "session.drain", body)
        case .sessionEnded(let body): try WireJSON.encode(type: "session.ended", body)
        }
    }
}

extension ServerMessage.Welcome {
    /// The text frame, with people whose JSON is there already: they are the same for all who come in.
    ///
    /// - Parameter participants: the JSON of each, in place of this value's own, which are to be none.
    public func encoded(participants: [[UInt8]]) throws -> [UInt8] {
        let list = participants.joined(separator: [UInt8(ascii: ",")])
        let head = Array(#"{"type":"welcome","participants":["#.utf8) + list + Array("]}".utf8)
        return try WireJSON.merge(head, self)
    }
}

extension RoomEvent {
    /// The `type` of each event on the wire.
    public enum Kind: String, CaseIterable, Sendable {
        case joined, updated, left, chat, room
        case mediaMoved = "media.moved"
        case meetingEnded = "meeting.ended"
    }

    public var kind: Kind {
        switch self {
        case .joined: .joined
        case .updated: .updated
        case .left: .left
        case .chat: .chat
        case .room: .room
        case .mediaMoved: .mediaMoved
        case .meetingEnded: .meetingEnded
        }
    }

    private struct Arrivals: Encodable { var participants: [Participant] }
    private struct Change: Encodable { var participant: Participant }
    private struct Ending: Encodable { var reason: MeetingEnd }

    /// The event's JSON object without `seq`, which the room's log adds as its first field.
    public func encodedBody() throws -> [UInt8] {
        let body: (any Encodable)? =
            switch self {
            case .joined(let participants): Arrivals(participants: participants)
            case .updated(let participant): Change(participant: participant)
            case .left(let left): left
            case .chat(let chat): chat
            case .room(let room): room
            case .mediaMoved: nil
            case .meetingEnded(let reason): Ending(reason: reason)
            }
        return try WireJSON.encode(type: kind.rawValue, body)
    }
}
