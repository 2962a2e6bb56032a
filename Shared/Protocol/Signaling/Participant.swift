import Foundation

/// A person in a meeting, as everybody in it sees them.
///
/// On the wire what is usual is left out, because every entry is sent to up to fifty people: a participant is a guest with the
/// role `participant` who is connected, publishes nothing and has nothing on, unless the JSON says otherwise.
public struct Participant: Hashable, Sendable {
    public var id: ParticipantID
    public var name: String
    public var role: Role
    /// Whether the person manages the room, so that moderators can do nothing about them.
    public var manages: Bool
    /// Whether the person came without an account.
    public var guest: Bool
    public var state: ParticipantState
    /// What a moderator has turned off for good, in the order of `MediaSource`.
    public var blocked: [MediaSource]
    /// `false` while the socket is broken and the seat is kept.
    public var connected: Bool
    /// Whether media arrives at the media node, so that others can show and hear it.
    public var publishing: Bool
    /// How often the participant has begun to publish: the media of another publication are other media.
    public var publication: Int

    public init(
        id: ParticipantID, name: String, role: Role = .participant, manages: Bool = false, guest: Bool = true,
        state: ParticipantState = ParticipantState(), blocked: [MediaSource] = [], connected: Bool = true,
        publishing: Bool = false,
        publication: Int = 0
    ) {
        self.id = id
        self.name = name
        self.role = role
        self.manages = manages
        self.guest = guest
        self.state = state
        self.blocked = blocked
        self.connected = connected
        self.publishing = publishing
        self.publication = publication
    }
}

extension Participant: Codable {
    private enum Key: String, CodingKey {
        case id, name, role, manages, guest, state, blocked, connected, publishing, publication
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        self.init(
            id: try container.decode(ParticipantID.self, forKey: .id),
            name: try container.decode(String.self, forKey: .name),
            role: try container.decodeIfPresent(Role.self, forKey: .role) ?? .participant,
            manages: try container.decodeIfPresent(Bool.self, forKey: .manages) ?? false,
            guest: try container.decodeIfPresent(Bool.self, forKey: .guest) ?? true,
            state: try container.decodeIfPresent(ParticipantState.self, forKey: .state) ?? ParticipantState(),
            blocked: try container.decodeIfPresent([MediaSource].self, forKey: .blocked) ?? [],
            connected: try container.decodeIfPresent(Bool.self, forKey: .connected) ?? true,
            publishing: try container.decodeIfPresent(Bool.self, forKey: .publishing) ?? false,
            publication: try container.decodeIfPresent(Int.self, forKey: .publication) ?? 0)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(id, forKey: .id)
        try container.encode(name, forKey: .name)
        if role != .participant { try container.encode(role, forKey: .role) }
        if manages { try container.encode(manages, forKey: .manages) }
        if !guest { try container.encode(guest, forKey: .guest) }
        if state != ParticipantState() { try container.encode(state, forKey: .state) }
        if !blocked.isEmpty { try container.encode(blocked, forKey: .blocked) }
        if !connected { try container.encode(connected, forKey: .connected) }
        if publishing { try container.encode(publishing, forKey: .publishing) }
        if publication != 0 { try container.encode(publication, forKey: .publication) }
    }
}

/// What a participant sets of itself. On the wire what is off is left out.
public struct ParticipantState: Hashable, Sendable {
    public var microphone: Bool
    public var camera: Bool
    public var screen: Bool
    /// When the hand was raised.
    public var handRaisedAt: Date?

    public init(microphone: Bool = false, camera: Bool = false, screen: Bool = false, handRaisedAt: Date? = nil) {
        self.microphone = microphone
        self.camera = camera
        self.screen = screen
        self.handRaisedAt = handRaisedAt
    }
}

extension ParticipantState: Codable {
    private enum Key: String, CodingKey {
        case microphone, camera, screen, handRaisedAt
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        self.init(
            microphone: try container.decodeIfPresent(Bool.self, forKey: .microphone) ?? false,
            camera: try container.decodeIfPresent(Bool.self, forKey: .camera) ?? false,
            screen: try container.decodeIfPresent(Bool.self, forKey: .screen) ?? false,
            handRaisedAt: try container.decodeIfPresent(Date.self, forKey: .handRaisedAt))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        if microphone { try container.encode(microphone, forKey: .microphone) }
        if camera { try container.encode(camera, forKey: .camera) }
        if screen { try container.encode(screen, forKey: .screen) }
        try container.encodeIfPresent(handRaisedAt, forKey: .handRaisedAt)
    }
}

/// One message of a room's chat, as somebody is shown it who was not there.
public struct ChatMessage: Codable, Hashable, Sendable {
    /// The number of its event in the room's log, which is its id.
    public var seq: Int
    public var from: ParticipantID
    /// The sender's name when it was sent, so that it can be read after the sender has left.
    public var name: String
    public var text: String
    public var at: Date

    public init(seq: Int, from: ParticipantID, name: String, text: String, at: Date) {
        self.seq = seq
        self.from = from
        self.name = name
        self.text = text
        self.at = at
    }
}
