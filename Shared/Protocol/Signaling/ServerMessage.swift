import Foundation

/// What signaling says to one browser. Room events, which all get in one order, are `RoomEvent`.
public enum ServerMessage: Hashable, Sendable {
    case welcome(Welcome)
    /// The seat was taken up again, and what the client shows stays: the events that it missed follow.
    case resumed(Resumed)
    /// One can't come in yet; said again when that changes.
    case waiting(Waiting)
    case refused(Refused)
    /// Who waits to be admitted; for moderators.
    case lobby(Lobby)
    case moderated(Moderated)
    /// The answer to the request with this id.
    case reply(id: Int, Reply)
    case failure(id: Int?, Failure)
    case mediaOffer(MediaOffer)
    case mediaSlots(MediaSlots)
    /// The media node was lost or left: build both connections anew after `delay` milliseconds.
    case mediaLost(MediaLost)
    /// The client has missed events that can't be sent again: `welcome` follows.
    case resync
    /// This process stops: after `delay` milliseconds open another socket and resume there, while this one stays.
    case drain(Drain)
    case sessionEnded(SessionEnded)

    /// The person has a seat. Everything that a client needs to show the meeting. On the wire an empty `chat`
    /// or `blocked`, `resumed: false` and `locked: false` are left out.
    public struct Welcome: Hashable, Sendable {
        public struct Room: Codable, Hashable, Sendable {
            public var id: RoomID
            public var name: String
            public var alias: String

            public init(id: RoomID, name: String, alias: String) {
                self.id = id
                self.name = name
                self.alias = alias
            }
        }

        /// Oneself; also in `participants`.
        public var participant: ParticipantID
        public var room: Room
        public var meeting: MeetingID
        public var participants: [Participant]
        public var chat: [ChatMessage]
        public var seats: Int
        public var iceServers: [ICEServer]
        /// At least 128 bits of chance; it gives this seat to who holds it, so it is kept like a password.
        public var resumeToken: String
        public var epoch: String
        /// The last event that the snapshot contains.
        public var seq: Int
        /// `true` when an existing seat was taken up again.
        public var resumed: Bool
        /// What holds in the meeting; absent: what is usual.
        public var policy: RoomPolicy?
        /// Whether whoever comes has to knock.
        public var locked: Bool
        /// Who is shown large to all, as a moderator wants it.
        public var spotlight: ParticipantID?
        /// What nobody but moderators may turn on.
        public var blocked: [MediaSource]

        public init(
            participant: ParticipantID, room: Room, meeting: MeetingID, participants: [Participant],
            chat: [ChatMessage], seats: Int = Limits.seats, iceServers: [ICEServer], resumeToken: String,
            epoch: String, seq: Int, resumed: Bool, policy: RoomPolicy? = nil, locked: Bool = false,
            spotlight: ParticipantID? = nil, blocked: [MediaSource] = []
        ) {
            self.participant = participant
            self.room = room
            self.meeting = meeting
            self.participants = participants
            self.chat = chat
            self.seats = seats
            self.iceServers = iceServers
            self.resumeToken = resumeToken
            self.epoch = epoch
            self.seq = seq
            self.resumed = resumed
            self.policy = policy
            self.locked = locked
            self.spotlight = spotlight
            self.blocked = blocked
        }
    }

    public struct Resumed: Codable, Hashable, Sendable {
        public var resumeToken: String
        public var iceServers: [ICEServer]
        /// The events up to this one follow, from the one after the client's own position.
        public var seq: Int

        public init(resumeToken: String, iceServers: [ICEServer], seq: Int) {
            self.resumeToken = resumeToken
            self.iceServers = iceServers
            self.seq = seq
        }
    }

    public struct Waiting: Codable, Hashable, Sendable {
        public enum Reason: String, Codable, Sendable {
            /// All seats are taken.
            case full
            /// The room's lobby is for this person: a moderator has to admit them.
            case lobby
            /// The room is locked: a moderator has to admit them.
            case locked
            /// The meeting begins when a moderator is there.
            case moderator
        }

        public var reason: Reason
        /// In line for a seat: 1 for who comes in next. Absent for the other reasons.
        public var position: Int?

        public init(reason: Reason, position: Int? = nil) {
            self.reason = reason
            self.position = position
        }
    }

    public struct Drain: Codable, Hashable, Sendable {
        public var delay: Int

        public init(delay: Int) {
            self.delay = delay
        }
    }

    /// No seat, and why. The socket is closed after it.
    public struct Refused: Codable, Hashable, Sendable {
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

    /// `ok` of an answer: empty but for the requests that ask for something.
    public struct Reply: Codable, Hashable, Sendable {
        /// The answer to `media.publish`.
        public var sdp: String?
        /// The number of the message that `chat.send` made.
        public var seq: Int?

        public init(sdp: String? = nil, seq: Int? = nil) {
            self.sdp = sdp
            self.seq = seq
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

    /// An offer for the receiving connection, to be answered with `media.answer`.
    public struct MediaOffer: Codable, Hashable, Sendable {
        public var sdp: String
        /// All slots of the connection, always the same ones.
        public var slots: [MediaSlot]

        public init(sdp: String, slots: [MediaSlot]) {
            self.sdp = sdp
            self.slots = slots
        }
    }

    /// The slots whose content changed.
    public struct MediaSlots: Codable, Hashable, Sendable {
        public var slots: [SlotContent]

        public init(slots: [SlotContent]) {
            self.slots = slots
        }
    }

    public struct MediaLost: Codable, Hashable, Sendable {
        public var delay: Int

        public init(delay: Int) {
            self.delay = delay
        }
    }

    public struct SessionEnded: Codable, Hashable, Sendable {
        public enum Reason: String, Codable, Sendable {
            case left, superseded, removed
            case roomDeleted = "room_deleted"
            case endedByModerator = "ended_by_moderator"
            /// A moderator wants the person to wait in the lobby: come again, with another ticket.
            case movedToLobby = "moved_to_lobby"
            /// The session that the seat was taken with has ended.
            case signedOut = "signed_out"
        }

        public var reason: Reason

        public init(reason: Reason) {
            self.reason = reason
        }
    }
}

extension ServerMessage.Welcome: Codable {
    private enum Key: String, CodingKey {
        case participant, room, meeting, participants, chat, seats, iceServers, resumeToken, epoch, seq, resumed
        case policy, locked, spotlight, blocked
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        self.init(
            participant: try container.decode(ParticipantID.self, forKey: .participant),
            room: try container.decode(Room.self, forKey: .room),
            meeting: try container.decode(MeetingID.self, forKey: .meeting),
            participants: try container.decodeIfPresent([Participant].self, forKey: .participants) ?? [],
            chat: try container.decodeIfPresent([ChatMessage].self, forKey: .chat) ?? [],
            seats: try container.decode(Int.self, forKey: .seats),
            iceServers: try container.decode([ICEServer].self, forKey: .iceServers),
            resumeToken: try container.decode(String.self, forKey: .resumeToken),
            epoch: try container.decode(String.self, forKey: .epoch),
            seq: try container.decode(Int.self, forKey: .seq),
            resumed: try container.decodeIfPresent(Bool.self, forKey: .resumed) ?? false,
            policy: try container.decodeIfPresent(RoomPolicy.self, forKey: .policy),
            locked: try container.decodeIfPresent(Bool.self, forKey: .locked) ?? false,
            spotlight: try container.decodeIfPresent(ParticipantID.self, forKey: .spotlight),
            blocked: try container.decodeIfPresent([MediaSource].self, forKey: .blocked) ?? [])
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(participant, forKey: .participant)
        try container.encode(room, forKey: .room)
        try container.encode(meeting, forKey: .meeting)
        if !participants.isEmpty { try container.encode(participants, forKey: .participants) }
        if !chat.isEmpty { try container.encode(chat, forKey: .chat) }
        try container.encode(seats, forKey: .seats)
        try container.encode(iceServers, forKey: .iceServers)
        try container.encode(resumeToken, forKey: .resumeToken)
        try container.encode(epoch, forKey: .epoch)
        try container.encode(seq, forKey: .seq)
        if resumed { try container.encode(resumed, forKey: .resumed) }
        try container.encodeIfPresent(policy, forKey: .policy)
        if locked { try container.encode(locked, forKey: .locked) }
        try container.encodeIfPresent(spotlight, forKey: .spotlight)
        if !blocked.isEmpty { try container.encode(blocked, forKey: .blocked) }
    }
}
