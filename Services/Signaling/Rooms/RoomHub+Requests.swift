import Foundation
import Logging
import ParleyProtocol
import Redis
import WebSockets

// What participants ask for. Each request is obeyed only if it comes from the socket that the seat has now.
extension RoomHub {
    func update(
        _ participant: ParticipantID, _ connection: WebSocketConnection, _ update: ClientMessage.UpdateParticipant
    ) async throws(RequestFailure) {
        let seat = try seat(participant, connection)
        let name: String?
        if let wish = update.name { name = try TextRules.displayName(wish) } else { name = nil }
        try await change(seat) { participant in
            if let name { participant.name = name }
            if let microphone = update.microphone { participant.state.microphone = microphone }
            if let camera = update.camera { participant.state.camera = camera }
            if let screen = update.screen { participant.state.screen = screen }
            switch update.hand {
            case true: participant.state.handRaisedAt = participant.state.handRaisedAt ?? .now
            case false: participant.state.handRaisedAt = nil
            case nil: break
            }
        }
    }

    /// - Returns: the id of the message, or of the one that came before with the same key.
    func send(
        _ participant: ParticipantID, _ connection: WebSocketConnection, _ chat: ClientMessage.SendChat
    ) async throws(RequestFailure) -> ChatMessageID {
        let seat = try seat(participant, connection)
        let text = try TextRules.chat(chat.text)
        let key: String?
        if let wish = chat.key { key = try TextRules.idempotencyKey(wish) } else { key = nil }
        let message = ChatMessage(
            id: RandomName.identifier(), from: participant, name: seat.entry.participant.name, text: text, at: .now)
        do {
            switch try await services.store.send(message, key: key, to: room, fence: seat.fence) {
            case .sent(let id): return id
            case .notHeld: await renew()
            }
        } catch {
            logger.warning("A chat message was not taken", metadata: ["error": "\(error)"])
            throw .unavailable
        }
        throw seats[participant] === seat ? .unavailable : .seatLost
    }

    // MARK: Media

    /// The media of a participant, opened when it is first wanted.
    func media(
        _ participant: ParticipantID, _ connection: WebSocketConnection
    ) async throws(RequestFailure) -> ParticipantMedia {
        let seat = try seat(participant, connection)
        if let media = seat.media { return media.control }
        await seat.lock(isolation: self)
        defer { seat.unlock() }
        let node = try await mediaNode()
        guard seats[participant] === seat else { throw .seatLost }
        if let media = seat.media { return media.control }
        let outlet = seat.outlet
        let source = outlet.source
        let media = await services.media.open(
            MediaSeat(participant: participant, room: room, meeting: meeting.id, node: node),
            events: { outlet.handle($0, from: source) })
        guard seats[participant] === seat else { throw .seatLost }
        let opened = SeatMedia(media)
        seat.media = opened
        tellRoster(opened, of: participant)
        return media
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
            await control.rosterChanged(fanOut.roster.others(than: participant))
        }
    }

    /// An offer of the media half was answered.
    func answered(_ participant: ParticipantID) {
        seats[participant]?.outlet.answered()
    }

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

    /// The meeting goes on under another id: the client builds its connections anew.
    func loseMedia(_ seat: LocalSeat) {
        guard seat.media != nil else { return }
        closeMedia(seat)
        seat.outlet.lose()
    }

    func closeMedia(_ seat: LocalSeat) {
        guard let media = seat.media?.control else { return }
        seat.media = nil
        seat.outlet.reset()
        // A media node that does not answer must not hold up the room.
        Task { await media.close() }
    }

    // MARK: Changes

    func seat(_ participant: ParticipantID, _ connection: WebSocketConnection) throws(RequestFailure) -> LocalSeat {
        guard let seat = seats[participant], seat.socket?.connection === connection else { throw .seatLost }
        return seat
    }

    /// The client has said something, so it has got the welcome: the resume token that it had before is of no use any more.
    func heard(_ participant: ParticipantID, _ connection: WebSocketConnection) {
        guard let seat = seats[participant], seat.socket?.connection === connection else { return }
        seat.hasSpoken = true
        if !seat.isAsSeen { wakeUp() }
    }

    /// Brings what others see in line with what is: socket and media.
    func reconcile(_ seat: LocalSeat) async {
        try? await change(seat) { participant in
            let publication = seat.outlet.publication
            participant.connected = seat.socket != nil
            participant.publishing = publication.isRunning
            participant.publication = publication.number
        }
    }

    func reconcileAll() async {
        for seat in seats.values where !seat.isAsSeen { await reconcile(seat) }
    }

    private func change(_ seat: LocalSeat, _ change: (inout Participant) -> Void) async throws(RequestFailure) {
        await seat.lock(isolation: self)
        defer { seat.unlock() }
        guard seats[seat.id] === seat else { throw .seatLost }
        var entry = seat.entry
        change(&entry.participant)
        if seat.hasSpoken { entry.previousResumeHash = nil }
        guard entry != seat.entry else { return }
        do {
            if try await services.store.update(
                room, fence: seat.fence, entry: entry, announced: entry.participant != seat.entry.participant)
                == .done
            {
                seat.entry = entry
                return
            }
        } catch {
            throw .unavailable
        }
        // A renewal drops the seat, or puts it back if Redis has lost its memory.
        await renew()
        throw seats[seat.id] === seat ? .unavailable : .seatLost
    }
}
