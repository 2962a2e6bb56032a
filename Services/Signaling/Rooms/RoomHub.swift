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
    /// Seats that were given up while Redis could not be told.
    var unsaidGoodbyes: [Goodbye] = []
    var meeting = RunningMeeting()
    /// When the last renewal that succeeded was sent.
    var renewedAt: ContinuousClock.Instant = .now
    var renewalDue: ContinuousClock.Instant = .now
    var isRenewing = false
    /// The leases may have ended, so that no socket is served.
    var isSuspended = false
    /// A position of the log that must have been reached at the next tick.
    var expectedPosition: EventOrder?

    private let wakeups: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    private let rosterChanges: AsyncStream<Void>
    private let rosterChanged: AsyncStream<Void>.Continuation
    private var unsubscribe: (@Sendable () async -> Void)?

    struct RunningMeeting {
        var id = MeetingID("")
        /// Empty while none was found.
        var mediaNode = ""
        var startedAt = 0
    }

    struct Goodbye {
        var participant: ParticipantID
        var fence: Int
        var reason: RoomEvent.ParticipantLeft.Reason
        /// Then its lease has ended by itself.
        var until: ContinuousClock.Instant
    }

    init(room: RoomID, services: RoomServices, registry: RoomRegistry) {
        self.room = room
        self.services = services
        self.registry = registry
        var logger = services.logger
        logger[metadataKey: "room"] = "\(room)"
        self.logger = logger
        let (wakeups, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.wakeups = wakeups
        self.wake = wake
        (rosterChanges, rosterChanged) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        fanOut = FanOut(node: services.node) { wake.yield() }
    }

    // MARK: Life

    /// Listens to the room. To be called once, before anything else.
    ///
    /// - Throws: `RedisError` when Redis is away.
    func start() async throws {
        unsubscribe = try await services.subscribe(room, fanOut)
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
                while !Task.isCancelled {
                    try? await Task.sleep(for: self.services.times.tick)
                    await self.tick()
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

    nonisolated func wakeUp() {
        wake.yield()
    }

    // MARK: Findings

    private func lookAfterFindings() async {
        let findings = fanOut.takeFindings()
        for (participant, fence, reason) in findings.lost where seats[participant]?.fence == fence {
            await drop(participant, reason)
        }
        for participant in findings.ended {
            await endMeeting(for: participant, reason: findings.endReason)
        }
        if findings.leaseIsOver { suspend() }
        if findings.wasInterrupted || findings.leaseIsOver { await renew() }
        if findings.needsResync { await resync() }
        if findings.rosterChanged { rosterChanged.yield() }
        await reconcileAll()
    }

    /// Begins anew from a snapshot, for all sockets of this node.
    private func resync() async {
        guard !seats.isEmpty else { return }
        do {
            let snapshot = try await services.store.snapshot(room)
            let inside = Set(snapshot.participants.map(\.id))
            var welcomes: [FanOut.MemberID: [UInt8]] = [:]
            for seat in seats.values where inside.contains(seat.id) {
                guard let member = seat.socket?.member else { continue }
                welcomes[member] = try welcome(seat, snapshot, resumed: true)
            }
            SignalingMetrics.resynced()
            fanOut.resync(snapshot, welcomes: welcomes, notice: try ServerMessage.resync.encoded())
            logger.info("The room was told anew", metadata: ["sockets": "\(welcomes.count)", "seq": "\(snapshot.seq)"])
        } catch {
            // The finding stays, and the next tick tries again.
            logger.debug("No snapshot", metadata: ["error": "\(error)"])
        }
    }

    private func tellRoster() async {
        let roster = fanOut.roster
        await withTaskGroup { group in
            for seat in seats.values {
                guard let media = seat.media else { continue }
                let others = roster.others(than: seat.id)
                group.addTask { await media.rosterChanged(others) }
            }
        }
    }

    // MARK: Welcome

    /// The greeting of one socket.
    func welcome(_ seat: LocalSeat, _ snapshot: RoomSnapshot, resumed: Bool) throws -> [UInt8] {
        let entry = seat.entry
        return try ServerMessage.welcome(
            .init(
                participant: seat.id, room: .init(id: room, name: entry.roomName, alias: entry.roomAlias),
                meeting: snapshot.meeting, participants: snapshot.participants,
                chat: Self.fitting(snapshot.chat),
                iceServers: services.turn.servers(for: seat.id), resumeToken: seat.resumeToken,
                epoch: snapshot.epoch, seq: snapshot.seq, resumed: resumed)
        ).encoded()
    }

    /// The newest messages, as many as leave room for the events that follow a welcome in the budget of its socket.
    private static func fitting(_ chat: [ChatMessage]) -> [ChatMessage] {
        var bytes = 0
        let newest = chat.reversed().prefix { message in
            bytes += message.text.utf8.count + message.name.utf8.count + 200
            return bytes <= Limits.socketBudget / 2
        }
        return newest.reversed()
    }
}
