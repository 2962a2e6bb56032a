import Foundation
import Logging
import ParleyProtocol
import WebSockets

/// One room at this node: its seats here, their sockets, one subscription, and the renewal of all leases in one call.
///
/// Lives from the first socket that asks for the room to the last seat of this node, see `RoomRegistry`.
actor RoomHub {
    nonisolated let room: RoomID
    nonisolated let fanOut: FanOut
    let services: RoomServices
    let registry: RoomRegistry
    let logger: Logger

    var seats: [ParticipantID: LocalSeat] = [:]
    /// Those whose seats are being taken over by this hub.
    var resuming: Set<ParticipantID> = []
    /// Those who stand in line here.
    var line: [ParticipantID: Waiter] = [:]
    var lineDue: ContinuousClock.Instant = .now
    /// Moderators of this node could not be told of the lobby.
    var lobbyIsUntold = false
    var mediaCheckDue: ContinuousClock.Instant = .now
    /// Before this moment other nodes may not have put their seats back.
    var rosterIsCompleteAt: ContinuousClock.Instant = .now
    var isCheckingMedia = false
    /// What all participants together may ask for.
    var limits: RoomLimits
    var tickedAt: ContinuousClock.Instant = .now
    /// Seats that were given up while Redis could not be told.
    var unsaidGoodbyes: [Goodbye] = []
    var meeting = RunningMeeting()
    /// When the last renewal that succeeded was sent.
    var renewedAt: ContinuousClock.Instant = .now
    var renewalDue: ContinuousClock.Instant = .now
    var renewing: Task<Void, Never>?
    var sayingGoodbyes: Task<Void, Never>?
    /// The leases may have ended, so that no socket is served.
    var isSuspended = false
    /// A position of the log that must have been reached at the next tick.
    var expectedPosition: EventOrder?

    private let wakeups: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    private let rosterChanges: AsyncStream<Void>
    private let rosterChanged: AsyncStream<Void>.Continuation
    private let lobbyChanges: AsyncStream<Void>
    private let lobbyChanged: AsyncStream<Void>.Continuation
    private var unsubscribe: (@Sendable () async -> Void)?

    struct RunningMeeting {
        var id = MeetingID("")
        /// Empty while none was found.
        var mediaNode = ""
        var startedAt = 0
    }

    struct Goodbye {
        var participant: ParticipantID
        /// Nothing for a seat of which it is not known whether it was granted.
        var fence: Int?
        var reason: RoomEvent.Left.Reason
        /// To be ended if the seat was this node's still.
        var media: MediaHandles?
        var at = Date.now
        /// Then its lease has ended by itself.
        var until: ContinuousClock.Instant
    }

    init(room: RoomID, services: RoomServices, registry: RoomRegistry) {
        self.room = room
        self.services = services
        self.registry = registry
        limits = RoomLimits(factor: services.times.rateFactor)
        var logger = services.logger
        logger[metadataKey: "room"] = "\(room)"
        self.logger = logger
        let (wakeups, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.wakeups = wakeups
        self.wake = wake
        (rosterChanges, rosterChanged) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        (lobbyChanges, lobbyChanged) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        fanOut = FanOut(node: services.node) { wake.yield() }
    }

    // MARK: Life

    /// Listens to the room from its present state on. To be called once, before anything else.
    ///
    /// - Throws: `RedisError` when Redis is away.
    func start() async throws {
        let unsubscribe = try await services.subscribe(room, fanOut)
        do {
            fanOut.begin(at: try await services.store.snapshot(room))
        } catch {
            await unsubscribe()
            throw error
        }
        self.unsubscribe = unsubscribe
    }

    /// Looks after the room until `stop` or cancellation.
    func run() async {
        await withTaskGroup { group in
            group.addTask {
                for await _ in self.wakeups { await self.lookAfterFindings() }
            }
            group.addTask {
                for await _ in self.rosterChanges {
                    await self.tellRoster()
                    try? await Task.sleep(for: self.services.times.rosterPause)
                }
            }
            group.addTask {
                for await _ in self.lobbyChanges {
                    await self.tellLobby()
                    try? await Task.sleep(for: self.services.times.lobbyPause)
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    try? await Task.sleep(for: self.services.times.tick)
                    await self.tick()
                }
            }
            group.addTask {
                // Apart from `tick`, which may be waiting for Redis just when the leases end.
                while !Task.isCancelled {
                    try? await Task.sleep(for: self.services.times.tick)
                    await self.checkLeases()
                }
            }
            await group.next()
            group.cancelAll()
        }
        await unsubscribe?()
    }

    nonisolated func stop() {
        wake.finish()
    }

    func tellRosterSoon() { rosterChanged.yield() }

    func tellLobbySoon() { lobbyChanged.yield() }

    nonisolated func wakeUp() {
        wake.yield()
    }

    // MARK: Findings

    private func lookAfterFindings() async {
        let findings = fanOut.takeFindings()
        for (participant, fence, reason) in findings.lost {
            await drop(participant, fence: fence, reason)
        }
        for participant in findings.ended {
            await endMeeting(for: participant, reason: findings.endReason)
        }
        for (participant, order) in findings.orders { await carryOut(order, for: participant) }
        nudge(findings)
        if findings.lobbyChanged || findings.wasInterrupted { tellLobbySoon() }
        if let node = findings.mediaNode { moveMedia(to: node) }
        // It may have been renewed since.
        if findings.leaseIsOver { checkLeases() }
        if findings.wasInterrupted || findings.leaseIsOver { await renew() }
        if findings.needsResync || findings.hasGap { await catchUp(needsResync: findings.needsResync) }
        if findings.rosterChanged { rosterChanged.yield() }
        if findings.rulesChanged {
            takeRoles()
            await endForbiddenScreens()
        }
        await reconcileAll()
    }

    /// Brings what is missing: from the log, or if that does not have it, by beginning anew.
    private func catchUp(needsResync: Bool) async {
        guard !seats.isEmpty else { return }
        do {
            if !needsResync, let known = fanOut.position,
                let missed = try await services.store.events(room, after: known)
            {
                SignalingMetrics.filled()
                return fanOut.fill(missed)
            }
            // It may be another log because Redis has lost its memory: what this node holds goes back before it is told anew.
            if !needsResync { await renew() }
            try await resync()
        } catch {
            // The finding stays, and the next tick tries again.
            logger.debug("Missing events can't be had", metadata: ["error": "\(error)"])
        }
    }

    /// Begins anew from a snapshot, for all sockets of this node.
    private func resync() async throws {
        var snapshot = try await services.store.snapshot(room)
        if isMissingSeats(snapshot) {
            await renew()
            snapshot = try await services.store.snapshot(room)
        }
        // Redis knows nothing of the meeting before its seats are back. The finding stays, and the next look tries again.
        guard !isMissingSeats(snapshot) else { return }
        let inside = Set(snapshot.participants.map(\.id))
        var welcomes: [FanOut.MemberID: [UInt8]] = [:]
        for seat in seats.values where inside.contains(seat.id) {
            guard let member = seat.socket?.member else { continue }
            welcomes[member] = try welcome(seat, snapshot, resumed: true)
        }
        SignalingMetrics.resynced()
        take(snapshot)
        fanOut.resync(snapshot, welcomes: welcomes, notice: try ServerMessage.resync.encoded())
        logger.info("The room was told anew", metadata: ["sockets": "\(welcomes.count)", "seq": "\(snapshot.seq)"])
    }

    /// Whether Redis has begun anew and has not been told of seats of this node yet.
    private func isMissingSeats(_ snapshot: RoomSnapshot) -> Bool {
        let inside = Set(snapshot.participants.map(\.id))
        return seats.values.contains { $0.epoch != snapshot.epoch && !inside.contains($0.id) }
    }

    private func tellRoster() {
        // While Redis is rebuilt, who is missing is not gone.
        guard ContinuousClock.now >= rosterIsCompleteAt else { return }
        for seat in seats.values {
            if let media = seat.media { tellRoster(media, of: seat.id) }
        }
    }

    // MARK: Welcome

    /// The greeting of one socket.
    func welcome(_ seat: LocalSeat, _ snapshot: RoomSnapshot, resumed: Bool) throws -> [UInt8] {
        let entry = seat.entry
        let welcome = ServerMessage.Welcome(
            participant: seat.id, room: .init(id: room, name: entry.roomName, alias: entry.roomAlias),
            meeting: snapshot.meeting, participants: [], chat: snapshot.chat,
            iceServers: services.turn.servers(for: seat.id), resumeToken: seat.resumeToken,
            epoch: snapshot.epoch, seq: snapshot.seq, resumed: resumed, policy: snapshot.rules.policy,
            locked: snapshot.rules.locked, spotlight: snapshot.rules.spotlight, blocked: snapshot.rules.blocked ?? [])
        return try welcome.encoded(participants: snapshot.people.map(\.json))
    }
}
