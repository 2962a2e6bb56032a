import Foundation

extension ClientMessage {
    /// Moderators only: whoever comes from now on has to knock, or has not.
    public struct LockRoom: Codable, Hashable, Sendable {
        public var locked: Bool

        public init(locked: Bool) {
            self.locked = locked
        }
    }

    /// Moderators only: these people of the lobby come in, as soon as there are seats.
    public struct Admit: Codable, Hashable, Sendable {
        /// Absent: all who wait.
        public var participants: [ParticipantID]?

        public init(participants: [ParticipantID]? = nil) {
            self.participants = participants
        }
    }

    /// Moderators only: this person of the lobby does not come in.
    public struct Deny: Codable, Hashable, Sendable {
        public var participant: ParticipantID

        public init(participant: ParticipantID) {
            self.participant = participant
        }
    }
}

extension ServerMessage {
    /// Everybody who waits to be admitted, in the order of coming. For moderators only; the newest list holds.
    public struct Lobby: Codable, Hashable, Sendable {
        public struct Person: Codable, Hashable, Sendable {
            public var id: ParticipantID
            public var name: String
            /// Whether the person came without an account.
            public var guest: Bool
            /// Whether the account belongs to the organization of the room.
            public var colleague: Bool
            public var since: Date

            public init(id: ParticipantID, name: String, guest: Bool, colleague: Bool, since: Date) {
                self.id = id
                self.name = name
                self.guest = guest
                self.colleague = colleague
                self.since = since
            }
        }

        public var people: [Person]

        public init(people: [Person]) {
            self.people = people
        }
    }
}

extension RoomEvent {
    /// What holds in the meeting from now on.
    public struct Room: Codable, Hashable, Sendable {
        /// Absent: what is usual.
        public var policy: RoomPolicy?
        /// Whether whoever comes has to knock. The policy's own `locked` is what directory knows.
        public var locked: Bool
        /// Who is shown large to all, as a moderator wants it.
        public var spotlight: ParticipantID?
        /// What nobody but moderators may turn on.
        public var blocked: [MediaSource]?

        public init(
            policy: RoomPolicy? = nil, locked: Bool = false, spotlight: ParticipantID? = nil,
            blocked: [MediaSource]? = nil
        ) {
            self.policy = policy
            self.locked = locked
            self.spotlight = spotlight
            self.blocked = blocked
        }
    }
}
