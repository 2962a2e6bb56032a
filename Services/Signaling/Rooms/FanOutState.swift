import ParleyProtocol
import WebSockets

/// The content of `FanOut`, behind its lock.
struct FanOutState: Sendable {
    struct Member: Sendable {
        var connection: WebSocketConnection
        var participant: ParticipantID?
        /// The last event that it had been told when it got its place.
        var since: EventOrder?
        /// Events for a socket that has no welcome yet.
        var held: [RoomMessage]? = []

        func knows(_ message: RoomMessage) -> Bool { since?.contains(message.position) == true }
    }

    struct Seat: Sendable {
        var fence: Int
        var since: EventOrder
    }

    /// Events that wait for a snapshot or a welcome, at most. What is beyond is fetched with a new snapshot.
    static let maximumHeld = 1_024

    /// Nothing before the first snapshot.
    var order: EventOrder?
    var roster = Roster()
    private(set) var rules = RoomEvent.Room()
    /// Up to which event they are known.
    private var rulesPosition: EventOrder?
    var members: [FanOut.MemberID: Member] = [:]
    /// The participants of this node, with or without a socket.
    var seats: [ParticipantID: Seat] = [:]
    /// Messages that wait for a snapshot.
    var held: [RoomMessage] = []
    var findings = FanOutFindings()
    var leaseUntil: ContinuousClock.Instant?
    var arrivals = Arrivals()
    /// Whether somebody will look after the arrivals.
    var isArrivalsTimerSet = false
    private var lastMember = 0

    // MARK: Sockets

    mutating func open(_ connection: WebSocketConnection) -> FanOut.MemberID {
        lastMember += 1
        members[lastMember] = Member(connection: connection)
        return lastMember
    }

    mutating func serve(_ participant: ParticipantID, fence: Int, since: EventOrder) {
        seats[participant] = Seat(fence: fence, since: since)
    }

    mutating func forget(_ participant: ParticipantID) {
        seats[participant] = nil
        members = members.filter { $0.value.participant != participant }
    }

    mutating func activate(
        _ id: FanOut.MemberID, participant: ParticipantID, greeting: [[UInt8]], snapshot: RoomSnapshot,
        node: String
    ) {
        learn(snapshot.rules, at: snapshot.position)
        guard var member = members[id] else { return }
        let news = (member.held ?? []).filter { snapshot.position.isBehind($0.position) }
        for frame in greeting { member.connection.send(text: frame) }
        member.participant = participant
        member.since = snapshot.position
        member.held = nil
        // What was delivered since the snapshot must be among what was held, without a gap. Else a new snapshot says it all,
        // and nothing that comes after the gap may be heard before it.
        if snapshot.epoch == order?.epoch, news.count >= (order?.seq ?? 0) - snapshot.seq {
            for frame in RoomMessage.merged(news) { member.connection.send(text: frame) }
            member.since = news.last?.position ?? snapshot.position
        } else {
            sendArrivals()
            findings.needsResync = true
        }
        members[id] = member
        for message in news { noteOwner(message, node: node) }
    }

    // MARK: Events

    mutating func receive(_ message: RoomMessage, node: String) {
        if let leaseUntil, ContinuousClock.now > leaseUntil {
            findings.leaseIsOver = true
            findings.hasGap = true
        }
        if message.kind == .left || message.kind == .meetingEnded { findings.seatWasFreed = true }
        if message.kind == .room || message.kind == .meetingEnded { findings.rulesChanged = true }
        guard order != nil, !mustHold else { return hold(message) }
        process(message, node: node)
    }

    /// What is beyond is dropped, and may be given again.
    mutating func take(_ notice: OrderNotice) {
        for participant in notice.participants where seats[participant] != nil {
            guard findings.orders.count < Self.maximumHeld else { return }
            findings.orders.append((participant, notice.order))
        }
    }

    /// Whether messages wait until what is missing has been found.
    private var mustHold: Bool { findings.hasGap || findings.needsResync }

    /// Goes on after a gap, with what the log has of it.
    mutating func fill(_ missed: [RoomMessage], node: String) {
        findings.hasGap = false
        // What belongs to a former log is over; that there is a newer one is found by the next renewal.
        let waiting = held.filter { $0.epoch == order?.epoch }
        held = []
        for message in missed + waiting {
            if mustHold { hold(message) } else { process(message, node: node) }
        }
    }

    mutating func resync(
        _ snapshot: RoomSnapshot, welcomes: [FanOut.MemberID: [UInt8]], notice: [UInt8], node: String
    ) {
        sendArrivals()
        findings.needsResync = false
        findings.hasGap = false
        findings.rosterChanged = true
        for id in members.keys.sorted() {
            // Who was welcomed while the snapshot was on its way may know more than it says.
            guard var member = members[id], member.held == nil, member.since?.contains(snapshot.position) != true else {
                continue
            }
            if let welcome = welcomes[id] {
                member.connection.send(text: notice)
                member.connection.send(text: welcome)
                member.since = snapshot.position
                members[id] = member
            } else {
                // It was welcomed meanwhile with less, and may have missed what is in between.
                findings.needsResync = true
            }
        }
        adopt(snapshot, node: node)
    }

    mutating func adopt(_ snapshot: RoomSnapshot, node: String) {
        order = EventOrder(epoch: snapshot.epoch, seq: snapshot.seq)
        roster = Roster(snapshot.participants)
        findings.rosterChanged = true
        learn(snapshot.rules, at: snapshot.position)
        let waiting = held
        held = []
        for message in waiting where message.epoch == snapshot.epoch {
            if message.seq <= snapshot.seq {
                keepForNewcomers(message)
            } else if mustHold {
                hold(message)
            } else {
                process(message, node: node)
            }
        }
    }

    private mutating func hold(_ message: RoomMessage) {
        if held.count >= Self.maximumHeld { held = [] }
        held.append(message)
    }

    /// Who is still joining may have an older snapshot than others.
    private mutating func keepForNewcomers(_ message: RoomMessage) {
        for (id, member) in members {
            guard let held = member.held, held.count < Self.maximumHeld else { continue }
            members[id]?.held?.append(message)
        }
    }

    private mutating func process(_ message: RoomMessage, node: String) {
        switch order?.step(epoch: message.epoch, seq: message.seq) {
        case .deliver:
            if roster.apply(message) { findings.rosterChanged = true }
            noteOwner(message, node: node)
            if let rules = message.kind == .room ? message.rules : nil { learn(rules, at: message.position) }
            deliver(message)
            if message.kind == .meetingEnded { end(message) }
            if message.kind == .mediaMoved { findings.mediaNode = message.node }
        case .gap, nil:
            findings.hasGap = true
            hold(message)
        case .drop:
            break
        }
    }

    /// Notices what other nodes did to participants of this one; their sockets get nothing more.
    private mutating func noteOwner(_ message: RoomMessage, node: String) {
        guard let seat = seats[message.participant], !seat.since.contains(message.position) else { return }
        switch message.kind {
        case .joined, .updated:
            guard message.fence > seat.fence, message.node != node else { return }
            lose(message.participant, seat, .superseded)
        case .left:
            lose(message.participant, seat, message.lossReason)
        case .chat, .room, .mediaMoved, .meetingEnded:
            break
        }
    }

    private mutating func lose(_ participant: ParticipantID, _ seat: Seat, _ reason: LostSeat.Reason) {
        findings.lost.append((participant, seat.fence, reason))
        forget(participant)
    }

    /// A newcomer's snapshot may be older than the last event.
    private mutating func learn(_ news: RoomEvent.Room, at position: EventOrder) {
        guard rulesPosition.map({ !position.isBehind($0) }) ?? true else { return }
        rulesPosition = position
        guard news != rules else { return }
        rules = news
        findings.rulesChanged = true
    }

    private mutating func deliver(_ message: RoomMessage) {
        keepForNewcomers(message)
        let ready = members.values.filter { $0.held == nil && !$0.knows(message) }.map(\.connection)
        SignalingMetrics.delivered(to: ready.count)
        guard message.kind != .joined else {
            if !ready.isEmpty { arrivals.add(message) }
            return
        }
        sendArrivals()
        guard !ready.isEmpty else { return }
        WebSocketConnection.broadcast(WebSocketFrameBytes(text: message.json), to: ready)
    }

    private mutating func end(_ message: RoomMessage) {
        findings.endReason = message.endReason
        for (participant, seat) in seats where !seat.since.contains(message.position) {
            findings.ended.append(participant)
            forget(participant)
        }
    }
}
