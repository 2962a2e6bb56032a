import Foundation
import ParleyProtocol

/// What is remembered of a seat in the room's roster: the person as others see it, and what any node needs to serve it.
///
/// In Redis it is JSON that begins with the fence, which only the scripts write; see `SeatScript`.
struct SeatEntry: Codable, Hashable, Sendable {
    /// Its role is `granted`, or that of a moderator where the policy makes everybody one.
    var participant: Participant
    /// The role that the ticket gave, or a moderator. Absent in entries of an earlier release, whose participant's role stays.
    var granted: Role?
    /// Milliseconds since 1970, for the order of coming.
    var joinedAt = Int(Date.now.timeIntervalSince1970 * 1_000)
    /// Which attempt of the client to come in with one key it was, from 1. The script compares it.
    var attempt: Int?
    /// Name of the node that serves it.
    var node: String
    /// SHA-256 of the secret in the resume token, in hexadecimal digits.
    var resumeHash: String
    /// That of the token which the present owner of the seat has shown, until it is known to have got the new one.
    var previousResumeHash: String?
    var roomName: String
    var roomAlias: String
    /// Absent for a guest.
    var account: AccountID?
    var accountOrganization: OrganizationID?
    /// Where the account is signed in; the seat ends with it. Absent for a guest.
    var session: SessionID?
    /// Where the person came from, as the ticket says: for bans, and never told to a browser.
    var source: String?
    /// Of the participant's session at the media node, for a node that takes the seat over.
    var media: MediaHandles?

    /// What the participant is by this policy. The scripts have the same rule.
    func role(by policy: RoomPolicy?) -> Role {
        guard let granted else { return participant.role }
        return policy?.options.everyoneModerates == true ? .moderator : granted
    }

    /// The JSON without fence, which the script adds.
    func encoded() throws -> [UInt8] { try WireJSON.encode(self) }
}

/// An entry as it was read, to be compared by a script with what stands there when it runs.
struct StoredSeat: Sendable {
    let fence: Int
    let entry: SeatEntry
    let raw: [UInt8]

    private struct Fenced: Decodable {
        var fence: Int
    }

    init(raw: [UInt8]) throws {
        let data = Data(raw)
        fence = try WireJSON.decoder.decode(Fenced.self, from: data).fence
        entry = try WireJSON.decoder.decode(SeatEntry.self, from: data)
        self.raw = raw
    }
}

/// The state of a room at one position of its log.
struct RoomSnapshot: Sendable {
    var epoch: String
    /// The last event that is contained.
    var seq: Int
    var meeting: MeetingID
    /// Empty while no media node has been found for the meeting.
    var mediaNode: String
    /// Milliseconds since 1970, by the clock of Redis.
    var startedAt: Int
    /// In the order of their coming.
    var people: [SeenSeat]
    var chat: [ChatMessage]
    var rules = RoomEvent.Room()
    /// How many people the lobby has.
    var waiting = 0

    var participants: [Participant] { people.map(\.participant) }
    var position: EventOrder { EventOrder(epoch: epoch, seq: seq) }
}

/// A seat that was taken, and the room as it is with it.
struct SeatGrant: Sendable {
    /// Rises with each owner of the seat; what comes with a lower one is refused.
    var fence: Int
    var snapshot: RoomSnapshot
}

/// A seat that was taken over, and what its client has missed.
struct SeatTransfer: Sendable {
    var fence: Int
    /// Without chat when there are events.
    var snapshot: RoomSnapshot
    /// The events after those that the client knows; nothing when it has to be told anew.
    var missed: [RoomMessage]?
}

/// What a call of a script brings to light beside its answer. Who learns of it must end the media.
enum SeatNotice: Sendable {
    case meetingEnded(EndedMeeting)
    /// The lease of the seat ended, by the clock of Redis at this time; nobody may have been there to give it up.
    case expired(SeatEntry, at: Date)
}

/// A meeting whose last seat was left.
struct EndedMeeting: Hashable, Sendable {
    var room: RoomID
    var meeting: MeetingID
    /// Empty when it never had one.
    var mediaNode: String
}

enum JoinOutcome: Sendable {
    case joined(SeatGrant)
    /// Stands in line, at this position.
    case waiting(Int)
    case full
    /// A moderator has to admit the person, or to be there.
    case knocking(ServerMessage.Waiting.Reason)
    /// A moderator has not let the person in.
    case denied
    /// The lobby has no place left.
    case crowded
    /// The entry is to be made for this policy, which is newer.
    case outdated(RoomPolicy)
    /// Redis has lost its memory: those who were inside come first. Milliseconds until others can.
    case rebuilding(Int)
    /// The ticket has served somebody else.
    case ticketUsed
    /// A later attempt of the same entering has the seat: this one was held back on its way.
    case late
    /// The seat was taken a moment ago: try again a little later.
    case soon
    /// The room was deleted.
    case closed
}

/// What decides whether somebody has to be admitted.
struct Visitor: Sendable {
    enum Kind: String, Sendable {
        /// Manages the room.
        case moderator
        /// Of the organization of the room.
        case colleague
        case guest
    }

    var kind = Kind.guest
    /// The one that the entry was made for; nothing for what is usual.
    var policy: RoomPolicy?
}

/// Whether a moderator's request was obeyed.
enum ModerationOutcome: Hashable, Sendable {
    case done
    case forbidden
    /// Who is meant is not there.
    case missing
    case notHeld(FencedOutcome)
}

enum TakeOverOutcome: Sendable {
    case taken(SeatTransfer)
    /// The entry is not the one that was read.
    case changed
    /// The seat was taken a moment ago: try again a little later.
    case soon
    case gone
    /// Redis has lost its memory, and the seat has not been put back yet. Milliseconds until it is gone if nobody does.
    case rebuilding(Int)
}

/// Whether a call with a fence was obeyed.
enum FencedOutcome: Hashable, Sendable {
    case done
    /// The seat belongs to another owner with a higher fence.
    case stale
    /// There is no such seat any more.
    case gone
}

enum UpdateOutcome: Hashable, Sendable {
    case done
    case notHeld(FencedOutcome)
    /// The ticket has served somebody else.
    case ticketUsed
}

/// A chat message before the room's log has numbered it; see `ChatMessage`.
struct ChatDraft: Codable, Hashable, Sendable {
    var from: ParticipantID
    var name: String
    var text: String
    var at: Date
}

enum ChatOutcome: Hashable, Sendable {
    /// With the number of the first message that came with this idempotency key.
    case sent(Int)
    case notHeld(FencedOutcome)
}

/// A seat that this node thought to hold and does not.
struct LostSeat: Hashable, Sendable {
    enum Reason: String, Sendable {
        case superseded, gone, full
        /// By a moderator: altogether, or to the lobby.
        case removed, lobby
    }

    var participant: ParticipantID
    var reason: Reason
}

struct RenewOutcome: Sendable {
    var epoch: String
    var seq: Int
    var lost: [LostSeat]
    /// Milliseconds until the next lease in the room ends, whoever holds it.
    var nextExpiry: Int?
}

/// What a node knows of a seat that it served when Redis lost its memory.
struct SeatRecovery: Sendable {
    var fence: Int
    /// The epoch in which the seat was granted.
    var epoch: String
    var entry: SeatEntry
}

struct RestoreOutcome: Sendable {
    var epoch: String
    var lost: [LostSeat]
    var meeting: MeetingID
    var mediaNode: String
}
