import Foundation
import Logging
import ParleyProtocol
import Redis
import WebSockets

// Holding seats: renewal, restoring after a loss of Redis, and giving up.
extension RoomHub {
    /// Seats given up that wait for Redis. Those beyond, of which it is not even known whether they exist, end by themselves.
    private static let maximumGoodbyes = 200

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

    // MARK: Sockets that end

    /// The seat is kept for a while.
    func socketEnded(_ participant: ParticipantID, _ connection: WebSocketConnection) async {
        guard let seat = seats[participant], seat.socket?.connection === connection else { return }
        detach(seat)
        await reconcile(seat)
    }

    private func detach(_ seat: LocalSeat) {
        if let member = seat.socket?.member { fanOut.close(member) }
        seat.outlet.detach()
        // Who has fallen silent was away before that was noticed.
        let isLate = seat.socket?.connection.hasFallenSilent == true
        seat.socket = nil
        seat.awayUntil = .now + services.times.grace - (isLate ? services.times.silence : .zero)
    }

    /// In order, on the participant's wish.
    func leave(_ participant: ParticipantID, _ connection: WebSocketConnection) async throws(RequestFailure) {
        giveUp(try seat(participant, connection), .left)
        // Before the answer, so that nobody is left behind by a process that ends. What is said now may not contain it.
        await sayGoodbyes()
        await sayGoodbyes()
    }

    func giveUp(_ seat: LocalSeat, _ reason: RoomEvent.Left.Reason) {
        // Who has vanished may be served by another node: then its media are not to be ended here.
        let media = reason == .gone ? seat.outlet.handles : nil
        guard remove(seat, keepsMedia: media != nil) else { return }
        if let lease = seat.meetingLease { services.presence.left(lease) }
        unsaidGoodbyes.append(
            Goodbye(
                participant: seat.id, fence: seat.fence, reason: reason, media: media,
                until: .now + services.times.lease))
    }

    /// Somebody may have got a seat without anybody knowing, because Redis did not answer. Nobody will ever come for it.
    func giveUpUnknown(_ participant: ParticipantID) async {
        guard unsaidGoodbyes.count < Self.maximumGoodbyes else { return }
        await registry.retain(self)
        unsaidGoodbyes.append(
            Goodbye(participant: participant, fence: nil, reason: .gone, media: nil, until: .now + services.times.lease)
        )
    }

    /// Tells Redis of seats that were given up here. What can't be told now is tried again until the lease is over.
    /// Who asks while that is under way waits for it.
    func sayGoodbyes() async {
        if let sayingGoodbyes { return await sayingGoodbyes.value }
        guard !unsaidGoodbyes.isEmpty else { return }
        let work = Task {
            await sayGoodbyesNow()
            sayingGoodbyes = nil
        }
        sayingGoodbyes = work
        await work.value
    }

    private func sayGoodbyesNow() async {
        while let goodbye = unsaidGoodbyes.first {
            if goodbye.until > .now {
                do {
                    let outcome = try await services.store.leave(
                        room, goodbye.participant, fence: goodbye.fence, reason: goodbye.reason)
                    reportGone(goodbye.participant, freeSince: outcome == .stale ? nil : goodbye.at)
                    if let media = goodbye.media, outcome != .stale { await services.media.destroy(media) }
                } catch is RedisError {
                    return
                } catch {
                    logger.warning("A goodbye was not understood", metadata: ["error": "\(error)"])
                }
            }
            reportGone(goodbye.participant, freeSince: nil)
            unsaidGoodbyes.removeFirst()
            await registry.release(self)
        }
    }

    // MARK: Seats that end

    /// The seat is not this node's any more.
    ///
    /// - Parameter fence: the one with which it was lost. Who has taken it up again meanwhile has a higher one.
    func drop(_ participant: ParticipantID, fence: Int?, _ reason: LostSeat.Reason) async {
        guard let seat = seats[participant], seat.fence == fence else { return }
        let connection = seat.socket?.connection
        // Who has it now has its media too.
        guard remove(seat, keepsMedia: reason == .superseded) else { return }
        SignalingMetrics.seatLost(reason)
        switch reason {
        case .superseded:
            connection?.send(.sessionEnded(.init(reason: .superseded)))
            connection?.close(.superseded, reason: "superseded")
            if let lease = seat.meetingLease { services.presence.moved(lease) }
            services.directory.moved(participant, room: room)
        case .gone, .full:
            connection?.close(.seatLost, reason: "seat lost")
            if let lease = seat.meetingLease { services.presence.left(lease) }
            services.directory.left(participant, room: room, at: lossTime)
        }
        logger.info(
            "A seat was lost", metadata: ["participant": "\(participant)", "reason": "\(reason.rawValue)"])
        await registry.release(self)
    }

    /// The meeting was ended for all.
    func endMeeting(for participant: ParticipantID, reason: MeetingEnd?) async {
        guard let seat = seats[participant] else { return }
        let connection = seat.socket?.connection
        guard remove(seat) else { return }
        connection?.send(
            .sessionEnded(.init(reason: reason == .roomDeleted ? .roomDeleted : .endedByModerator)))
        connection?.close(.meetingEnded, reason: "meeting ended")
        if let lease = seat.meetingLease { services.presence.left(lease) }
        services.directory.left(participant, room: room, at: .now)
        await registry.release(self)
    }

    /// When a seat was free of which a node hears now: its lease can't have ended later than it would have without renewal.
    private var lossTime: Date {
        let sinceEnd = ContinuousClock.now - renewedAt - services.times.lease
        return Date.now - max(0, sinceEnd / .seconds(1))
    }

    /// Whether it was one of this hub's seats still, each of which is released once.
    private func remove(_ seat: LocalSeat, keepsMedia: Bool = false) -> Bool {
        guard seats[seat.id] === seat else { return false }
        seats[seat.id] = nil
        seat.awayUntil = nil
        fanOut.forget(seat.id)
        seat.outlet.detach()
        seat.socket = nil
        if seats.isEmpty {
            fanOut.extendLease(until: nil)
            // The next one here may come into another meeting.
            meeting = RunningMeeting()
        }
        if keepsMedia { releaseMedia(seat) } else { closeMedia(seat) }
        return true
    }
}

extension EventOrder {
    /// Whether the other position is later in the same log.
    func isBehind(_ other: EventOrder) -> Bool { epoch == other.epoch && seq < other.seq }
}
