/// What may be chosen for the meetings of a room. A field that is absent on the wire has its usual value.
public struct RoomOptions: Codable, Hashable, Sendable {
    /// Who is let in only by a moderator.
    public enum Lobby: String, Codable, CaseIterable, Sendable {
        case nobody, guests
        /// Also signed-in people; those who manage the room are moderators and never wait.
        case everyone
    }

    /// Who may do something in a meeting.
    public enum Who: String, Codable, CaseIterable, Sendable {
        case everyone, moderators
    }

    public var everyoneModerates: Bool
    /// Microphones are off when people come in; they may turn them on.
    public var muteOnJoining: Bool
    public var lobby: Lobby
    /// The meeting begins when a moderator is there.
    public var waitForModerator: Bool
    public var screenSharing: Who
    public var chat: Who
    /// Whether who comes late sees the chat of before.
    public var keepChat: Bool

    public init(
        everyoneModerates: Bool = false, muteOnJoining: Bool = false, lobby: Lobby = .nobody,
        waitForModerator: Bool = false, screenSharing: Who = .everyone, chat: Who = .everyone, keepChat: Bool = true
    ) {
        self.everyoneModerates = everyoneModerates
        self.muteOnJoining = muteOnJoining
        self.lobby = lobby
        self.waitForModerator = waitForModerator
        self.screenSharing = screenSharing
        self.chat = chat
        self.keepChat = keepChat
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let usual = RoomOptions()
        everyoneModerates =
            try values.decodeIfPresent(Bool.self, forKey: .everyoneModerates) ?? usual.everyoneModerates
        muteOnJoining = try values.decodeIfPresent(Bool.self, forKey: .muteOnJoining) ?? usual.muteOnJoining
        lobby = try values.decodeIfPresent(Lobby.self, forKey: .lobby) ?? usual.lobby
        waitForModerator = try values.decodeIfPresent(Bool.self, forKey: .waitForModerator) ?? usual.waitForModerator
        screenSharing = try values.decodeIfPresent(Who.self, forKey: .screenSharing) ?? usual.screenSharing
        chat = try values.decodeIfPresent(Who.self, forKey: .chat) ?? usual.chat
        keepChat = try values.decodeIfPresent(Bool.self, forKey: .keepChat) ?? usual.keepChat
    }
}

/// What signaling has to know of a room: in every ticket, and in `PUT /internal/rooms/{roomId}/policy` at signaling when it changes
/// while a meeting runs.
public struct RoomPolicy: Codable, Hashable, Sendable {
    public var options: RoomOptions
    public var locked: Bool
    /// Rises with every change of either; the higher one holds.
    public var version: Int
    /// Rises when the room is locked or unlocked at directory. Only a higher one touches the lock of a running meeting, which its
    /// moderators may have set otherwise meanwhile. Absent: as `version`.
    public var lockVersion: Int?

    public init(
        options: RoomOptions = RoomOptions(), locked: Bool = false, version: Int = 0, lockVersion: Int? = nil
    ) {
        self.options = options
        self.locked = locked
        self.version = version
        self.lockVersion = lockVersion
    }
}
