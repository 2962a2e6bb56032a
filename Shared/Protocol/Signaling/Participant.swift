import Foundation

/// A person in a meeting, as everybody in it sees them.
public struct Participant: Codable, Hashable, Sendable {
    public var id: ParticipantID
    public var name: String
    public var role: Role
    /// Whether the person came without an account.
    public var guest: Bool
    public var joinedAt: Date
    public var state: ParticipantState
    /// `false` while the socket is broken and the seat is kept.
    public var connected: Bool
    /// Whether media arrives at the media node, so that others can show and hear it.
    public var publishing: Bool
    /// How often the participant has begun to publish: the media of another publication are other media.
    public var publication: Int

    public init(
        id: ParticipantID, name: String, role: Role, guest: Bool, joinedAt: Date,
        state: ParticipantState = ParticipantState(), connected: Bool = true, publishing: Bool = false,
        publication: Int = 0
    ) {
        self.id = id
        self.name = name
        self.role = role
        self.guest = guest
        self.joinedAt = joinedAt
        self.state = state
        self.connected = connected
        self.publishing = publishing
        self.publication = publication
    }
}

/// What a participant sets of itself.
public struct ParticipantState: Codable, Hashable, Sendable {
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

/// One message of the meeting's chat.
public struct ChatMessage: Codable, Hashable, Sendable {
    public var id: ChatMessageID
    public var from: ParticipantID
    /// The sender's name when it was sent, so that it can be read after the sender has left.
    public var name: String
    public var text: String
    public var at: Date

    public init(id: ChatMessageID, from: ParticipantID, name: String, text: String, at: Date) {
        self.id = id
        self.from = from
        self.name = name
        self.text = text
        self.at = at
    }
}
