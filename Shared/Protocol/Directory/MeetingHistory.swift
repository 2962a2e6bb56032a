import Foundation

/// `GET /api/directory/rooms/{roomId}/meetings?cursor=&limit=`: the newest first.
public struct MeetingList: Codable, Hashable, Sendable {
    public struct Item: Codable, Hashable, Sendable {
        public var id: MeetingID
        public var startedAt: Date
        /// Absent while it runs.
        public var endedAt: Date?
        /// Everybody who was there, each once.
        public var people: Int
        /// Whether there is a list of who was there: the organization allows it and allowed it then.
        public var hasAttendance: Bool

        public init(id: MeetingID, startedAt: Date, endedAt: Date?, people: Int, hasAttendance: Bool) {
            self.id = id
            self.startedAt = startedAt
            self.endedAt = endedAt
            self.people = people
            self.hasAttendance = hasAttendance
        }
    }

    public var items: [Item]
    public var nextCursor: String?

    public init(items: [Item], nextCursor: String? = nil) {
        self.items = items
        self.nextCursor = nextCursor
    }
}

/// `GET /api/directory/rooms/{roomId}/meetings/{meetingId}/attendance`, with `?format=csv&language=` or `Accept: text/csv` as a
/// table. For the owner only.
public struct Attendance: Codable, Hashable, Sendable {
    public struct Item: Codable, Hashable, Sendable {
        public var name: String
        public var guest: Bool
        public var joinedAt: Date
        /// Absent while the person is inside.
        public var leftAt: Date?

        public init(name: String, guest: Bool, joinedAt: Date, leftAt: Date?) {
            self.name = name
            self.guest = guest
            self.joinedAt = joinedAt
            self.leftAt = leftAt
        }
    }

    public var items: [Item]

    public init(items: [Item]) {
        self.items = items
    }
}

/// `POST /internal/rooms/{roomId}/attendance` at directory, by each signaling node for those whose seats it has: when somebody comes or
/// goes, and every `Limits.attendanceReport` seconds. Saying it twice is harmless, and what got lost is made good by the next one. It
/// also moves the room's age to today.
public struct AttendanceReport: Codable, Hashable, Sendable {
    public struct Person: Codable, Hashable, Sendable {
        public var participant: ParticipantID
        public var name: String
        /// Absent for a guest.
        public var account: AccountID?
        public var joinedAt: Date

        public init(participant: ParticipantID, name: String, account: AccountID?, joinedAt: Date) {
            self.participant = participant
            self.name = name
            self.account = account
            self.joinedAt = joinedAt
        }
    }

    public struct Leaving: Codable, Hashable, Sendable {
        public var participant: ParticipantID
        /// When the seat was given up, or its lease ended.
        public var at: Date

        public init(participant: ParticipantID, at: Date) {
            self.participant = participant
            self.at = at
        }

        private enum CodingKeys: CodingKey {
            case participant, at
        }

        /// The release before told who has left, and not when: that is now.
        public init(from decoder: any Decoder) throws {
            if let participant = try? decoder.singleValueContainer().decode(ParticipantID.self) {
                self.init(participant: participant, at: .now)
            } else {
                let values = try decoder.container(keyedBy: CodingKeys.self)
                self.init(
                    participant: try values.decode(ParticipantID.self, forKey: .participant),
                    at: try values.decode(Date.self, forKey: .at))
            }
        }
    }

    public var meeting: MeetingID
    public var startedAt: Date
    /// Who has a seat of this node now, and who has left it before they could be reported: these are in `left` too.
    public var present: [Person]
    /// Who has given it up and was not reported so yet. Only a later `joinedAt` takes it back.
    public var left: [Leaving]
    /// The meeting is over.
    public var ended: Bool

    public init(meeting: MeetingID, startedAt: Date, present: [Person], left: [Leaving], ended: Bool) {
        self.meeting = meeting
        self.startedAt = startedAt
        self.present = present
        self.left = left
        self.ended = ended
    }
}

/// `POST /internal/rooms/{roomId}/bans` at directory: somebody was removed and must not come back.
public struct BanReport: Codable, Hashable, Sendable {
    public var name: String
    /// Absent for a guest. An account stays out until the ban is lifted.
    public var account: AccountID?
    /// Where the person came from: `TicketClaims.source`. Guests from there stay out for a day, so that who has an account does not
    /// come back without it. Absent when it is not known, which a guest's must be.
    public var source: String?
    /// The moderator.
    public var by: String
    public var byAccount: AccountID?

    public init(name: String, account: AccountID?, source: String?, by: String, byAccount: AccountID?) {
        self.name = name
        self.account = account
        self.source = source
        self.by = by
        self.byAccount = byAccount
    }
}

/// `GET /api/directory/rooms/{roomId}/bans`; `DELETE …/bans/{banId}` lifts one.
public struct BanList: Codable, Hashable, Sendable {
    public struct Item: Codable, Hashable, Sendable {
        public var id: BanID
        public var name: String
        public var guest: Bool
        public var bannedBy: String
        public var bannedAt: Date
        /// Absent for an account: it holds until it is lifted.
        public var until: Date?

        public init(id: BanID, name: String, guest: Bool, bannedBy: String, bannedAt: Date, until: Date?) {
            self.id = id
            self.name = name
            self.guest = guest
            self.bannedBy = bannedBy
            self.bannedAt = bannedAt
            self.until = until
        }
    }

    public var items: [Item]

    public init(items: [Item]) {
        self.items = items
    }
}
