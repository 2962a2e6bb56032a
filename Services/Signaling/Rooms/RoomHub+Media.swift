import Logging
import ParleyProtocol
import WebSockets

// The media of this node's seats, and the media node of the meeting.
extension RoomHub {
    /// The media of a participant, opened when it is first wanted.
    ///
    /// - Parameter isView: whether it is for a wish of what to see, which costs the media node little.
    func media(
        _ participant: ParticipantID, _ connection: WebSocketConnection, isView: Bool
    ) async throws(RequestFailure) -> ParticipantMedia {
        guard isView || limits.takeMedia() else { throw .tooMany }
        // A process that stood still may find requests of people whom others serve since.
        if ContinuousClock.now - renewedAt > services.times.renewal + services.times.tick * 2 { await renew() }
        let seat = try seat(participant, connection)
        if let media = seat.media { return media.control }
        await seat.lock(isolation: self)
        defer { seat.unlock() }
        let node = try await mediaNode()
        guard seats[participant] === seat else { throw .seatLost }
        if let media = seat.media { return media.control }
        let outlet = seat.outlet
        let source = outlet.source
        let media = await services.media.open(mediaSeat(participant, node), events: { outlet.handle($0, from: source) })
        await media.block(Set(seat.entry.participant.blocked))
        guard seats[participant] === seat else { throw .seatLost }
        // The meeting may have got another media node meanwhile.
        guard node == meeting.mediaNode else { throw .noMedia }
        let opened = SeatMedia(media)
        seat.media = opened
        tellRoster(opened, of: participant)
        return media
    }

    private func mediaSeat(_ participant: ParticipantID, _ node: String) -> MediaSeat {
        MediaSeat(participant: participant, room: room, meeting: meeting.id, node: node)
    }

    /// Goes on with what another node has begun; when there is nothing, the client builds its connections anew.
    func adoptMedia(of seat: LocalSeat) async {
        // So that a request that comes meanwhile does not open other media.
        await seat.lock(isolation: self)
        defer { seat.unlock() }
        guard seats[seat.id] === seat, seat.media == nil else { return }
        guard let handles = seat.entry.media, handles.node == meeting.mediaNode else {
            if let handles = seat.entry.media { await services.media.destroy(handles) }
            return seat.outlet.lose()
        }
        let outlet = seat.outlet
        let source = outlet.source
        let media = await services.media.adopt(
            mediaSeat(seat.id, handles.node), handles: handles, events: { outlet.handle($0, from: source) })
        guard seats[seat.id] === seat, seat.media == nil else { return await media.release() }
        guard handles.node == meeting.mediaNode else {
            await media.close()
            return seat.outlet.lose()
        }
        let adopted = SeatMedia(media)
        seat.media = adopted
        tellRoster(adopted, of: seat.id)
    }

    /// Brings the newest roster to a participant's media. Nobody waits for it: a media node may take seconds.
    func tellRoster(_ media: SeatMedia, of participant: ParticipantID) {
        media.hasNews = true
        guard !media.isBeingTold else { return }
        media.isBeingTold = true
        let control = media.control
        Task { await tellNews(control, of: participant) }
    }

    private func tellNews(_ control: ParticipantMedia, of participant: ParticipantID) async {
        while let media = seats[participant]?.media, media.control === control {
            guard media.hasNews else { return media.isBeingTold = false }
            media.hasNews = false
            if let blocked = seats[participant]?.entry.participant.blocked { await control.block(Set(blocked)) }
            await control.rosterChanged(fanOut.roster.others(than: participant))
        }
    }

    /// An offer of the media half was answered.
    func answered(_ participant: ParticipantID) {
        seats[participant]?.outlet.answered()
    }

    // MARK: The media node

    /// The meeting's media node; found now if there was none when the meeting began.
    private func mediaNode() async throws(RequestFailure) -> String {
        guard meeting.mediaNode.isEmpty else { return meeting.mediaNode }
        guard let candidate = await services.media.candidateNode() else { throw .noMedia }
        do {
            meeting.mediaNode = try await services.store.pinMediaNode(room, known: "", proposed: candidate)
        } catch {
            throw .unavailable
        }
        guard !meeting.mediaNode.isEmpty else { throw .noMedia }
        return meeting.mediaNode
    }

    /// The meeting has another media node: all clients of this node build their connections anew.
    func moveMedia(to node: String) {
        guard node != meeting.mediaNode else { return }
        logger.notice("The meeting has another media node", metadata: ["media.node": "\(node)"])
        meeting.mediaNode = node
        for seat in seats.values { loseMedia(seat, people: seats.count) }
    }

    /// Looks whether the media node works and carries nobody without a seat. Nobody waits for it.
    func checkMedia() {
        mediaCheckDue = .now + services.times.mediaCheck
        guard !isCheckingMedia, !seats.isEmpty, !isSuspended, !meeting.mediaNode.isEmpty else { return }
        isCheckingMedia = true
        Task {
            await replaceMediaNode()
            await removeStrangers()
            isCheckingMedia = false
        }
    }

    /// The first node that finds the media node dead places the meeting anew; the others hear of it.
    private func replaceMediaNode() async {
        let known = meeting.mediaNode
        guard let other = await services.media.replacement(for: known) else { return }
        do {
            let node = try await services.store.pinMediaNode(room, known: known, proposed: other)
            if !node.isEmpty { moveMedia(to: node) }
        } catch {
            logger.debug("The meeting was not placed anew", metadata: ["error": "\(error)"])
        }
    }

    private func removeStrangers() async {
        guard let seated = fanOut.completeRoster else { return }
        await services.media.removeStrangers(
            room: room, meeting: meeting.id, node: meeting.mediaNode, seated: Set(seated.participants.keys)
        ) { [store = services.store, room] participant in
            // While Redis can't be reached, this node does not hear who comes in at others.
            do { return try await store.entry(room, participant) != nil } catch { return true }
        }
    }

    // MARK: The end

    /// The client builds its connections anew.
    ///
    /// - Parameter people: how many do so now.
    func loseMedia(_ seat: LocalSeat, people: Int = 1) {
        guard seat.media != nil else { return }
        closeMedia(seat)
        seat.outlet.lose(people: people)
    }

    func closeMedia(_ seat: LocalSeat) {
        guard let media = seat.media?.control else { return }
        seat.media = nil
        seat.outlet.reset()
        // A media node that does not answer must not hold up the room.
        Task { await media.close() }
    }

    /// Another node has the seat, and its media as they are.
    func releaseMedia(_ seat: LocalSeat) {
        guard let media = seat.media?.control else { return }
        seat.media = nil
        seat.outlet.reset()
        Task { await media.release() }
    }
}
