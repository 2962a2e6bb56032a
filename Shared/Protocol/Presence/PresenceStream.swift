import Foundation

/// What a client says on `/api/presence/stream`, one JSON object per text frame.
public enum PresenceClientMessage: Hashable, Sendable {
    case hello(Hello)
    case activity(Activity)
    /// Asks for a `pong`, because nothing was heard for long.
    case ping

    /// The first message, within `Limits.hello` seconds.
    public struct Hello: Codable, Hashable, Sendable {
        /// An access token, or a telephone system's read token.
        public var token: String
        /// Whether the person uses this device now; absent: yes.
        public var active: Bool?
        /// Up to where the client knows what others see; both, or none.
        public var epoch: String?
        public var seq: Int?

        public init(token: String, active: Bool? = nil, epoch: String? = nil, seq: Int? = nil) {
            self.token = token
            self.active = active
            self.epoch = epoch
            self.seq = seq
        }
    }

    /// The person has not touched their device for `Limits.inactivity` seconds, or does so again.
    public struct Activity: Codable, Hashable, Sendable {
        public var active: Bool

        public init(active: Bool) {
            self.active = active
        }
    }

    private struct Envelope: Decodable {
        var type: String
    }

    /// Reads one text frame.
    ///
    /// - Throws: `MessageError` with `message_too_large`, `malformed_message` or `unknown_type`.
    public init(decoding bytes: [UInt8]) throws(MessageError) {
        guard bytes.count <= Limits.message else {
            throw MessageError(code: .messageTooLarge, message: "The message is larger than \(Limits.message) bytes.")
        }
        do {
            try StrictJSON.check(bytes)
        } catch {
            throw MessageError(code: .malformedMessage, message: error.description)
        }
        let data = Data(bytes)
        guard let type = try? WireJSON.decoder.decode(Envelope.self, from: data).type else {
            throw MessageError(code: .malformedMessage, message: "A message is an object with a text `type`.")
        }
        do {
            switch type {
            case "hello": self = .hello(try WireJSON.decoder.decode(Hello.self, from: data))
            case "ping": self = .ping
            case "activity": self = .activity(try WireJSON.decoder.decode(Activity.self, from: data))
            default: throw MessageError(code: .unknownType, message: "There is no message of this type.")
            }
        } catch let error as MessageError {
            throw error
        } catch {
            throw MessageError(
                code: .malformedMessage, message: "A field of the message is missing or of the wrong type.")
        }
    }

    /// The text frame, for clients in Swift.
    public func encoded() throws -> [UInt8] {
        switch self {
        case .hello(let hello): try WireJSON.encode(type: "hello", hello)
        case .activity(let activity): try WireJSON.encode(type: "activity", activity)
        case .ping: try WireJSON.encode(type: "ping")
        }
    }
}

/// What presence says there.
public enum PresenceServerMessage: Hashable, Sendable {
    /// The stream has begun. What the client missed follows, as `changed` when it could be told, else as `snapshot`.
    case welcome(Welcome)
    /// What others see of everybody, from now on; nothing from before holds.
    case snapshot(PresenceSnapshot)
    /// What others see of one person. `seq` is one more than before.
    case changed(Changed)
    /// What the person themselves set by hand has changed, at this device or another one.
    case own(Own)
    /// The stream does not begin; a close follows.
    case refused(Failure)
    case pong
    /// A message was not understood.
    case error(Failure)

    public struct Welcome: Codable, Hashable, Sendable {
        public var epoch: String
        public var seq: Int
        /// Absent for a telephone system.
        public var own: OwnPresence?

        public init(epoch: String, seq: Int, own: OwnPresence?) {
            self.epoch = epoch
            self.seq = seq
            self.own = own
        }
    }

    public struct Changed: Codable, Hashable, Sendable {
        public var epoch: String
        public var seq: Int
        public var view: PresenceView

        public init(epoch: String, seq: Int, view: PresenceView) {
            self.epoch = epoch
            self.seq = seq
            self.view = view
        }
    }

    public struct Own: Codable, Hashable, Sendable {
        public var own: OwnPresence

        public init(own: OwnPresence) {
            self.own = own
        }
    }

    public struct Failure: Codable, Hashable, Sendable {
        public var code: ErrorCode
        public var message: String
        /// Seconds.
        public var retryAfter: Int?

        public init(code: ErrorCode, message: String, retryAfter: Int? = nil) {
            self.code = code
            self.message = message
            self.retryAfter = retryAfter
        }
    }

    private struct Envelope: Decodable {
        var type: String
    }

    public func encoded() throws -> [UInt8] {
        switch self {
        case .welcome(let body): try WireJSON.encode(type: "welcome", body)
        case .snapshot(let body): try WireJSON.encode(type: "snapshot", body)
        case .changed(let body): try WireJSON.encode(type: "changed", body)
        case .own(let body): try WireJSON.encode(type: "own", body)
        case .pong: try WireJSON.encode(type: "pong")
        case .refused(let body): try WireJSON.encode(type: "refused", body)
        case .error(let body): try WireJSON.encode(type: "error", body)
        }
    }

    /// Reads one text frame, for clients in Swift.
    ///
    /// - Throws: `DecodingError`; `MessageError` for an unknown type.
    public init(decoding bytes: [UInt8]) throws {
        let data = Data(bytes)
        func body<Body: Decodable>(_ type: Body.Type) throws -> Body { try WireJSON.decoder.decode(type, from: data) }
        self =
            switch try body(Envelope.self).type {
            case "welcome": .welcome(try body(Welcome.self))
            case "snapshot": .snapshot(try body(PresenceSnapshot.self))
            case "changed": .changed(try body(Changed.self))
            case "own": .own(try body(Own.self))
            case "pong": .pong
            case "refused": .refused(try body(Failure.self))
            case "error": .error(try body(Failure.self))
            default: throw MessageError(code: .unknownType, message: "There is no message of this type.")
            }
    }
}
