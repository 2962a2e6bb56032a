import ParleyProtocol
import WebSockets

/// A participant's media at this node. Belongs to the room's hub, which alone touches it.
final class SeatMedia {
    let control: ParticipantMedia
    /// The roster has changed since it was told.
    var hasNews = false
    var isBeingTold = false

    init(_ control: ParticipantMedia) {
        self.control = control
    }
}

/// A seat that this node serves, with or without a socket at the moment. Belongs to its room's hub, which alone touches it.
final class LocalSeat {
    let id: ParticipantID
    /// What stands in Redis, as far as this node knows.
    var entry: SeatEntry
    var fence: Int
    /// The epoch in which it was granted, or last found.
    var epoch: String
    /// The one that the present socket was given.
    var resumeToken: String
    var socket: LocalSocket?
    /// Whether the client is known to have got the resume token: it has said something since, or kept the socket for as long
    /// as a seat is kept without one.
    var hasSpoken = false
    /// When the seat is given up if no socket comes; nothing while there is one.
    var awayUntil: ContinuousClock.Instant?
    let outlet: MediaOutlet
    var media: SeatMedia?

    private var isLocked = false
    private var waiters: [CheckedContinuation<Void, Never>] = []

    struct LocalSocket {
        var connection: WebSocketConnection
        var member: FanOut.MemberID
        var since = ContinuousClock.now
        /// The list of the lobby that it was sent last.
        var toldLobby: [UInt8]?
    }

    init(entry: SeatEntry, fence: Int, epoch: String, resumeToken: String, outlet: MediaOutlet) {
        id = entry.participant.id
        self.entry = entry
        self.fence = fence
        self.epoch = epoch
        self.resumeToken = resumeToken
        self.outlet = outlet
    }

    /// Whether others know of the seat what this node knows.
    var isAsSeen: Bool {
        let seen = entry.participant
        let publication = outlet.publication
        return seen.connected == (socket != nil) && seen.publishing == publication.isRunning
            && seen.publication == publication.number
            && entry.media == outlet.handles && (entry.previousResumeHash == nil || !hasSpoken)
    }

    /// Writes into an entry what this node knows better.
    func describe(in entry: inout SeatEntry) {
        let publication = outlet.publication
        entry.participant.publishing = publication.isRunning
        entry.participant.publication = publication.number
        entry.media = outlet.handles
    }

    /// For presence; nothing for a guest.
    var meetingLease: MeetingLease? {
        guard let account = entry.account, let organization = entry.accountOrganization else { return nil }
        return MeetingLease(participant: id, account: account, organization: organization)
    }

    /// Changes of the entry are made one after the other: each is made from the result of the one before.
    func lock(isolation: isolated (any Actor)) async {
        guard isLocked else { return isLocked = true }
        await withCheckedContinuation(isolation: isolation) { waiters.append($0) }
    }

    func unlock() {
        guard !waiters.isEmpty else { return isLocked = false }
        waiters.removeFirst().resume()
    }
}
