import Logging
import ParleyProtocol
import Redis
import WebSockets

// Holding seats: renewal, and restoring after a loss of Redis.
extension RoomHub {
    /// Looks after everything that has a time.
    func tick() async {
        checkLeases()
        let now = ContinuousClock.now
        if now >= rosterIsCompleteAt, rosterIsCompleteAt > tickedAt { tellRosterSoon() }
        tickedAt = now
        if let expected = expectedPosition, fanOut.position.map({ $0.isBehind(expected) }) ?? false {
            fanOut.noteGap()
        }
        expectedPosition = nil
        for seat in seats.values {
            if let socket = seat.socket, socket.since + services.times.grace <= now { seat.hasSpoken = true }
            guard let until = seat.awayUntil, until <= now, !isSuspended else { continue }
            giveUp(seat, .gone)
        }
        if now >= renewalDue, hasSeats { await renew() }
        if now >= lineDue, !line.isEmpty { nudgeAll() }
        if lobbyIsUntold {
            lobbyIsUntold = false
            tellLobbySoon()
        }
        await sayGoodbyes()
        if now >= mediaCheckDue { checkMedia() }
        wakeUp()
    }

    private var hasSeats: Bool { !seats.isEmpty }

    /// Stops serving when the leases may have ended, for instance because this process was stopped. Waits for nothing.
    func checkLeases() {
        if hasSeats, !isSuspended, ContinuousClock.now - renewedAt > services.times.trust { suspend() }
    }

    /// Renews all leases of this node in the room; puts back what a new Redis does not know; drops what is lost. Who asks
    /// while that is under way waits for it.
    func renew() async {
        if let renewing { return await renewing.value }
        let work = Task { await renewNow() }
        renewing = work
        await work.value
        renewing = nil
    }

    private func renewNow() async {
        let sentAt = ContinuousClock.now
        renewalDue = sentAt + min(services.times.renewal, .seconds(1))
        let held = seats.values.map { (participant: $0.id, fence: $0.fence) }
        do {
            let outcome = try await services.store.renew(room, seats: held)
            let fences = Dictionary(held.map { ($0.participant, $0.fence) }, uniquingKeysWith: { $1 })
            let lost = outcome.lost.filter { seats[$0.participant]?.fence == fences[$0.participant] }
            let restorable = lost.filter { seats[$0.participant]?.epoch != outcome.epoch }
            for loss in lost where !restorable.contains(loss) {
                await drop(loss.participant, fence: fences[loss.participant], loss.reason)
            }
            if !restorable.isEmpty { try await restore(restorable.map(\.participant)) }
            renewed(at: sentAt, outcome)
            for seat in seats.values where fences[seat.id] == seat.fence { seat.epoch = outcome.epoch }
        } catch {
            logger.debug("Leases were not renewed", metadata: ["error": "\(error)"])
        }
    }

    private func renewed(at sentAt: ContinuousClock.Instant, _ outcome: RenewOutcome) {
        renewedAt = sentAt
        var pause = services.times.renewal
        // A lease that ends before the next renewal is that of a dead node: its seat is to be seen free in time.
        if let next = outcome.nextExpiry, .milliseconds(next) < pause { pause = .milliseconds(next + 5) }
        renewalDue = sentAt + pause
        fanOut.extendLease(until: sentAt + services.times.trust)
        let position = EventOrder(epoch: outcome.epoch, seq: outcome.seq)
        if let known = fanOut.position, known.epoch != position.epoch {
            fanOut.noteGap()
            // Until all nodes have put their seats back, who has none here may have one all the same.
            mediaCheckDue = sentAt + services.times.rebuild * 2
            rosterIsCompleteAt = sentAt + services.times.rebuild
        }
        expectedPosition = position
        guard isSuspended else { return }
        isSuspended = false
        for seat in seats.values where seat.socket == nil { seat.awayUntil = .now + services.times.grace }
    }

    private func restore(_ participants: [ParticipantID]) async throws {
        // Whose grace is over has entered anew elsewhere, or never comes.
        for seat in participants.compactMap({ seats[$0] }) where seat.awayUntil.map({ $0 <= .now }) ?? false {
            await drop(seat.id, fence: seat.fence, .gone)
        }
        let known = participants.compactMap { seats[$0] }
        guard !known.isEmpty else { return }
        // Who comes back while Redis is asked has another fence afterwards, and has lost nothing.
        let fences = Dictionary(known.map { ($0.id, $0.fence) }, uniquingKeysWith: { $1 })
        let outcome = try await services.store.restore(
            room, node: services.node, meeting: meeting.id, mediaNode: meeting.mediaNode,
            startedAt: meeting.startedAt, seq: fanOut.position?.seq ?? 0, rules: rules,
            seats: known.map { SeatRecovery(fence: $0.fence, epoch: $0.epoch, entry: $0.entry) })
        logger.notice(
            "Seats were put back into Redis",
            metadata: ["seats": "\(known.count - outcome.lost.count)", "lost": "\(outcome.lost.count)"])
        for loss in outcome.lost { await drop(loss.participant, fence: fences[loss.participant], loss.reason) }
        if outcome.meeting != meeting.id {
            meeting.id = outcome.meeting
            meeting.mediaNode = outcome.mediaNode
            for seat in seats.values { loseMedia(seat) }
        }
        for seat in seats.values {
            services.directory.entered(seat.entry, room: room, meeting: meeting.id, startedAt: meeting.startedAt)
        }
        fanOut.needResync()
    }

    /// The leases may be over, and others may have these seats: nobody is served until a renewal tells.
    func suspend() {
        guard !isSuspended else { return }
        isSuspended = true
        renewalDue = .now
        logger.warning("Leases could not be renewed in time", metadata: ["seats": "\(seats.count)"])
        for seat in seats.values {
            guard let socket = seat.socket else { continue }
            detach(seat)
            socket.connection.close(.seatLost, reason: "lease")
        }
    }
}

extension EventOrder {
    /// Whether the other position is later in the same log.
    func isBehind(_ other: EventOrder) -> Bool { epoch == other.epoch && seq < other.seq }
}
