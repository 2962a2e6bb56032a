extension ClientMessage {
    /// What moderators do with people who are inside. Everybody else is answered `forbidden`, and so are wishes about somebody who
    /// manages the room; `not_found` when the person is not there.
    public enum Moderation: Hashable, Sendable {
        /// Turns a source off once: they may turn it on again.
        case turnOff(Sources)
        /// Turns a source off for good, or lets them turn it on again.
        case block(Block)
        case askToUnmute(Person)
        case lowerHands(People)
        case setRole(SetRole)
        case rename(Rename)
        /// Ends the person's seat.
        case remove(Remove)
        /// Ends the person's seat; when they come again, they wait in the lobby.
        case sendToLobby(Person)
        /// Shows somebody large to all; nobody when the person is absent.
        case spotlight(Spotlight)
        /// Ends the meeting for all.
        case end

        public struct Sources: Codable, Hashable, Sendable {
            public var source: MediaSource
            /// Absent: all who are not moderators.
            public var participants: [ParticipantID]?

            public init(source: MediaSource, participants: [ParticipantID]? = nil) {
                self.source = source
                self.participants = participants
            }
        }

        public struct Block: Codable, Hashable, Sendable {
            public var source: MediaSource
            public var blocked: Bool
            /// Absent: all who are not moderators, also those who come later.
            public var participants: [ParticipantID]?

            public init(source: MediaSource, blocked: Bool, participants: [ParticipantID]? = nil) {
                self.source = source
                self.blocked = blocked
                self.participants = participants
            }
        }

        public struct Person: Codable, Hashable, Sendable {
            public var participant: ParticipantID

            public init(participant: ParticipantID) {
                self.participant = participant
            }
        }

        public struct People: Codable, Hashable, Sendable {
            /// Absent: everybody.
            public var participants: [ParticipantID]?

            public init(participants: [ParticipantID]? = nil) {
                self.participants = participants
            }
        }

        public struct SetRole: Codable, Hashable, Sendable {
            public var participant: ParticipantID
            public var role: Role

            public init(participant: ParticipantID, role: Role) {
                self.participant = participant
                self.role = role
            }
        }

        public struct Rename: Codable, Hashable, Sendable {
            public var participant: ParticipantID
            public var name: String

            public init(participant: ParticipantID, name: String) {
                self.participant = participant
                self.name = name
            }
        }

        public struct Remove: Codable, Hashable, Sendable {
            public var participant: ParticipantID
            /// Whether they must not come back; directory keeps that.
            public var ban: Bool?

            public init(participant: ParticipantID, ban: Bool? = nil) {
                self.participant = participant
                self.ban = ban
            }
        }

        public struct Spotlight: Codable, Hashable, Sendable {
            public var participant: ParticipantID?

            public init(participant: ParticipantID? = nil) {
                self.participant = participant
            }
        }
    }
}

extension ClientMessage.Moderation {
    public var kind: ClientMessage.Kind {
        switch self {
        case .turnOff: .turnOff
        case .block: .block
        case .askToUnmute: .askToUnmute
        case .lowerHands: .lowerHands
        case .setRole: .setRole
        case .rename: .rename
        case .remove: .remove
        case .sendToLobby: .sendToLobby
        case .spotlight: .spotlight
        case .end: .endMeeting
        }
    }

    /// The message's fields; nothing when it has none.
    var body: (any Encodable)? {
        switch self {
        case .turnOff(let body): body
        case .block(let body): body
        case .askToUnmute(let body), .sendToLobby(let body): body
        case .lowerHands(let body): body
        case .setRole(let body): body
        case .rename(let body): body
        case .remove(let body): body
        case .spotlight(let body): body
        case .end: nil
        }
    }
}

extension ServerMessage {
    /// A moderator has done something about the person at this socket.
    public struct Moderated: Codable, Hashable, Sendable {
        public enum Action: String, Codable, CaseIterable, Sendable {
            /// The source is off; it may be turned on again.
            case turnedOff = "turned_off"
            /// The source is off, and stays so until it is `allowed`.
            case blocked
            case allowed
            /// Nothing has changed: the person decides.
            case askedToUnmute = "asked_to_unmute"
            case handLowered = "hand_lowered"
            case renamed
            case roleGiven = "role_given"
            case roleTaken = "role_taken"
        }

        public var action: Action
        /// Which source it is about; absent when it is about none.
        public var source: MediaSource?
        /// The moderator.
        public var by: ParticipantID

        public init(action: Action, source: MediaSource? = nil, by: ParticipantID) {
            self.action = action
            self.source = source
            self.by = by
        }
    }
}
