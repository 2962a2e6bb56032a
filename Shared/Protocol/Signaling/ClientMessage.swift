/// What a browser says to signaling: one JSON object a text frame, with `type`, and with `id` when an answer is wanted.
///
/// Who speaks is known from the socket, never from the message. Unknown fields are ignored.
public enum ClientMessage: Hashable, Sendable {
    case hello(Hello)
    case resume(Resume)
    case updateParticipant(UpdateParticipant)
    case signIn(SignIn)
    case sendChat(SendChat)
    case publishMedia(PublishMedia)
    case unpublishMedia
    case subscribeMedia
    case answerMedia(AnswerMedia)
    case viewMedia(ViewMedia)
    case lockRoom(LockRoom)
    case admit(Admit)
    case deny(Deny)
    case moderate(Moderation)
    case leave

    /// The first message of somebody new.
    public struct Hello: Codable, Hashable, Sendable {
        public var ticket: String
        /// Chosen by the client, 1 to 64 visible ASCII characters: the same ticket with the same key is the same entering, so
        /// that after a lost answer it leads to the same seat.
        public var key: String?
        /// Counts the sockets on which the client has said this with this key, from 1, which is meant when it is absent. The
        /// highest has the seat: what a network or a node held back for long takes it from nobody.
        public var attempt: Int?
        /// What is on at entry.
        public var state: ParticipantState?
        /// Whether to stand in line when the room is full.
        public var wait: Bool?

        public init(
            ticket: String, key: String? = nil, attempt: Int? = nil, state: ParticipantState? = nil, wait: Bool? = nil
        ) {
            self.ticket = ticket
            self.key = key
            self.attempt = attempt
            self.state = state
            self.wait = wait
        }
    }

    /// The first message of somebody whose socket broke, at any node.
    public struct Resume: Codable, Hashable, Sendable {
        public var token: String
        /// The log that the client knows, and the last event of it that it has seen.
        public var epoch: String?
        public var seq: Int?

        public init(token: String, epoch: String? = nil, seq: Int? = nil) {
            self.token = token
            self.epoch = epoch
            self.seq = seq
        }
    }

    /// Changes of oneself; what is absent stays.
    public struct UpdateParticipant: Codable, Hashable, Sendable {
        public var name: String?
        public var microphone: Bool?
        public var camera: Bool?
        public var screen: Bool?
        public var hand: Bool?

        public init(
            name: String? = nil, microphone: Bool? = nil, camera: Bool? = nil, screen: Bool? = nil, hand: Bool? = nil
        ) {
            self.name = name
            self.microphone = microphone
            self.camera = camera
            self.screen = screen
            self.hand = hand
        }
    }

    /// A guest who has signed in meanwhile; seat and media stay as they are.
    public struct SignIn: Codable, Hashable, Sendable {
        /// For this room, made for the account. Good once.
        public var ticket: String

        public init(ticket: String) {
            self.ticket = ticket
        }
    }

    public struct SendChat: Codable, Hashable, Sendable {
        public var text: String
        /// Chosen by the client, 1 to 64 characters: the same message sent again after a broken socket is delivered once.
        public var key: String?

        public init(text: String, key: String? = nil) {
            self.text = text
            self.key = key
        }
    }

    /// The offer of the sending connection: microphone, camera and screen, in this order.
    public struct PublishMedia: Codable, Hashable, Sendable {
        public var sdp: String

        public init(sdp: String) {
            self.sdp = sdp
        }
    }

    /// The answer to the newest `MediaOffer`.
    public struct AnswerMedia: Codable, Hashable, Sendable {
        public var sdp: String

        public init(sdp: String) {
            self.sdp = sdp
        }
    }

    /// What the page shows now. Slots that are not named stay as they are.
    public struct ViewMedia: Codable, Hashable, Sendable {
        public var slots: [SlotWish]

        public init(slots: [SlotWish]) {
            self.slots = slots
        }
    }
}

extension ClientMessage {
    /// The `type` of each message on the wire.
    public enum Kind: String, CaseIterable, Sendable {
        case hello
        case resume
        case updateParticipant = "participant.update"
        case sendChat = "chat.send"
        case publishMedia = "media.publish"
        case unpublishMedia = "media.unpublish"
        case subscribeMedia = "media.subscribe"
        case answerMedia = "media.answer"
        case viewMedia = "media.view"
        case lockRoom = "room.lock"
        case admit = "lobby.admit"
        case deny = "lobby.deny"
        case turnOff = "moderation.turnOff"
        case block = "moderation.block"
        case askToUnmute = "moderation.askToUnmute"
        case lowerHands = "moderation.lowerHands"
        case setRole = "moderation.setRole"
        case rename = "moderation.rename"
        case remove = "moderation.remove"
        case sendToLobby = "moderation.sendToLobby"
        case spotlight = "moderation.spotlight"
        case endMeeting = "moderation.end"
        case signIn = "session.signIn"
        case leave = "session.leave"

        /// Whether the message carries SDP and so may be as large as a frame.
        public var carriesSDP: Bool { self == .publishMedia || self == .answerMedia }
    }

    public var kind: Kind {
        switch self {
        case .hello: .hello
        case .resume: .resume
        case .updateParticipant: .updateParticipant
        case .signIn: .signIn
        case .sendChat: .sendChat
        case .publishMedia: .publishMedia
        case .unpublishMedia: .unpublishMedia
        case .subscribeMedia: .subscribeMedia
        case .answerMedia: .answerMedia
        case .viewMedia: .viewMedia
        case .lockRoom: .lockRoom
        case .admit: .admit
        case .deny: .deny
        case .moderate(let moderation): moderation.kind
        case .leave: .leave
        }
    }
}
