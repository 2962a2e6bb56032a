/// Something that happened in a room. All get the same events in the same order, numbered by `seq` without gaps.
///
/// Their names on the wire are short, because each is sent to up to fifty people.
public enum RoomEvent: Hashable, Sendable {
    /// One or, on a socket, several who came together.
    case joined([Participant])
    case updated(Participant)
    case left(Left)
    case chat(Chat)
    case room(Room)
    /// The meeting has another media node. Each client is told by `MediaLost` when to build its connections anew.
    case mediaMoved
    case meetingEnded(MeetingEnd)

    public struct Left: Codable, Hashable, Sendable {
        public enum Reason: String, Codable, Sendable {
            /// In order.
            case left
            /// The connection was lost and did not come back.
            case gone
            case removed
            /// A moderator has sent them to the lobby.
            case lobby
        }

        public var id: ParticipantID
        public var reason: Reason

        public init(id: ParticipantID, reason: Reason) {
            self.id = id
            self.reason = reason
        }
    }

    /// A message of the chat, for those who are there: they know the sender's name, and that it is said now.
    public struct Chat: Codable, Hashable, Sendable {
        public var from: ParticipantID
        public var text: String

        public init(from: ParticipantID, text: String) {
            self.from = from
            self.text = text
        }
    }
}
