import Foundation
import Logging
import ParleyProtocol
import Redis
import WebSockets

// Sockets and seats that end, and telling Redis of it.
extension RoomHub {
    /// Seats given up that wait for Redis. Those beyond, of which it is not even known whether they exist, end by themselves.
    private static let maximumGoodbyes = 200

    // MARK: Sockets that end

    /// The seat is kept for a while.
    func socketEnded(_ participant: ParticipantID, _ connection: WebSocketConnection) async {
        guard let seat = seats[participant], seat.socket?.connection === connection else { return }
        detach(seat)
        await reconcile(seat)
    }

    func detach(_ seat: LocalSeat) {
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
        case .removed, .lobby:
            connection?.send(.sessionEnded(.init(reason: reason == .lobby ? .movedToLobby : .removed)))
            connection?.close(.removed, reason: "removed")
            if let lease = seat.meetingLease { services.presence.left(lease) }
            services.directory.left(participant, room: room, at: .now)
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
