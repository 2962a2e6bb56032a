import NIOCore
import ParleyProtocol
import Synchronization
import WebSockets

/// Brings a room's events to the sockets of this node: in order, without gaps or doubles, encoded once for all.
///
/// Called on the event loop of the Redis subscription and by the room's hub; nothing in here waits. A socket that is still
/// joining gets no events; they are kept for it until `activate`.
final class FanOut: Sendable {
    /// One socket, from before its join to its end.
    typealias MemberID = Int

    private let node: String
    /// Called, with the lock not held, when `takeFindings` has something.
    private let wake: @Sendable () -> Void
    private let state = Mutex(FanOutState())

    init(node: String, wake: @escaping @Sendable () -> Void) {
        self.node = node
        self.wake = wake
    }

    /// Events are heard from now on, those after this snapshot delivered. To be called once, first.
    func begin(at snapshot: RoomSnapshot) {
        change { $0.adopt(snapshot, node: node) }
    }

    // MARK: Sockets

    /// Keeps events for a socket from now on.
    func open(_ connection: WebSocketConnection) -> MemberID {
        state.withLock { $0.open(connection) }
    }

    /// Sends the greeting, the events since its snapshot, and from now on each event.
    func activate(
        _ member: MemberID, participant: ParticipantID, fence: Int, greeting: [[UInt8]], snapshot: RoomSnapshot
    ) {
        change { state in
            state.serve(participant, fence: fence, since: snapshot.position)
            state.activate(member, participant: participant, greeting: greeting, snapshot: snapshot, node: node)
        }
        wake()
    }

    /// The socket is gone. The participant may still have its seat.
    func close(_ member: MemberID) {
        state.withLock { $0.members[member] = nil }
    }

    /// The participant is not of this node any more.
    func forget(_ participant: ParticipantID) {
        state.withLock { $0.forget(participant) }
    }

    // MARK: Events

    /// A message of the room's channel.
    func receive(_ buffer: ByteBuffer) {
        if let notice = LobbyNotice(buffer) {
            state.withLock { state in
                state.findings.lobbyChanged = true
                state.findings.answered += notice.answered
            }
            return wake()
        }
        if OrderNotice.isOne(buffer) {
            if let notice = OrderNotice(buffer) { state.withLock { $0.take(notice) } }
            return wake()
        }
        guard let message = RoomMessage(buffer) else { return }
        let hasFindings = change { state in
            state.receive(message, node: node)
            return !state.findings.isEmpty
        }
        if hasFindings { wake() }
    }

    /// Messages may be missing.
    func interrupted() {
        state.withLock { state in
            state.findings.wasInterrupted = true
            state.findings.hasGap = true
        }
        wake()
    }

    /// The log is further than what has come.
    func noteGap() {
        state.withLock { $0.findings.hasGap = true }
        wake()
    }

    func needResync() {
        state.withLock { $0.findings.needsResync = true }
        wake()
    }

    /// What the log has after `position`.
    func fill(_ missed: [RoomMessage]) {
        change { $0.fill(missed, node: node) }
        wake()
    }

    /// Begins anew from a snapshot: its welcomes go to the sockets named, and the events after it follow.
    func resync(_ snapshot: RoomSnapshot, welcomes: [MemberID: [UInt8]], notice: [UInt8]) {
        let isDone = change { state in
            state.resync(snapshot, welcomes: welcomes, notice: notice, node: node)
            return !state.findings.needsResync
        }
        // What could not be told waits for the next look, so that this does not go round and round.
        if isDone { wake() }
    }

    /// Nothing is delivered after this moment: the leases of this node may have ended. Nothing when it has none.
    func extendLease(until deadline: ContinuousClock.Instant?) {
        state.withLock { $0.leaseUntil = deadline }
    }

    /// A change that may let somebody come, of whom the others are told a moment later.
    private func change<Result: Sendable>(_ body: (inout FanOutState) -> Result) -> Result {
        let (result, timer) = state.withLock { state in
            (body(&state), state.takeArrivalsTimer())
        }
        if let timer {
            timer.eventLoop.scheduleTask(in: .init(ContinuousClock.now.duration(to: timer.due))) { [weak self] in
                self?.change { $0.lookAfterArrivals() }
            }
        }
        return result
    }

    // MARK: What has been seen

    func takeFindings() -> FanOutFindings {
        state.withLock { state in
            let findings = state.findings
            state.findings = FanOutFindings()
            state.findings.needsResync = findings.needsResync
            state.findings.hasGap = findings.hasGap
            return findings
        }
    }

    var roster: Roster { state.withLock { $0.roster } }

    /// What holds in the meeting.
    var rules: RoomEvent.Room { state.withLock { $0.rules } }

    /// The roster, unless events are missing.
    var completeRoster: Roster? {
        state.withLock { state in
            state.order == nil || state.findings.hasGap || state.findings.needsResync ? nil : state.roster
        }
    }

    var position: EventOrder? { state.withLock { $0.order } }
}

/// What the hub has to look after.
struct FanOutFindings: Sendable {
    var rosterChanged = false
    /// Events are missing at this node. Stays set until `fill` or `resync`.
    var hasGap = false
    /// Sockets have to be told anew. Stays set until `resync`.
    var needsResync = false
    /// Somebody has left, so that who stands in line may come in.
    var seatWasFreed = false
    /// Policy or lock are others, so that who waits may come in.
    var rulesChanged = false
    var lobbyChanged = false
    /// Those of whom a moderator has decided.
    var answered: [ParticipantID] = []
    /// The meeting has another media node.
    var mediaNode: String?
    var wasInterrupted = false
    /// The lease of this node was over when an event came.
    var leaseIsOver = false
    /// Seats that other nodes have taken over or given up.
    var lost: [(participant: ParticipantID, fence: Int, reason: LostSeat.Reason)] = []
    /// Those whose meeting was ended for all.
    var ended: [ParticipantID] = []
    var endReason: MeetingEnd?
    /// What moderators want of seats of this node, in order.
    var orders: [(participant: ParticipantID, order: SeatOrder)] = []

    var isEmpty: Bool {
        !rosterChanged && !hasGap && !needsResync && !seatWasFreed && !rulesChanged && !lobbyChanged && mediaNode == nil
            && !wasInterrupted
            && !leaseIsOver && lost.isEmpty && ended.isEmpty && orders.isEmpty
    }
}
