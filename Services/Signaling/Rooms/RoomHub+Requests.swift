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
        guard limits.takeUpdate() else { throw .tooMany }
        if update.screen == true, !mayShareScreen(seat) { throw .forbidden }
        guard !seat.entry.participant.blocked.contains(where: update.turnsOn) else { throw .forbidden }
        let name: String?
        if let wish = update.name { name = try TextRules.displayName(wish) } else { name = nil }
        try await change(seat) { entry in
            if let name { entry.participant.name = name }
            entry.participant.state.take(update)
            // Blocked in the moment in which it was turned on.
            for source in entry.participant.blocked { entry.participant.state.turnOff(source) }
        }
        guard name != nil else { return }
        services.directory.entered(seat.entry, room: room, meeting: meeting.id, startedAt: meeting.startedAt)
    }

    /// - Returns: the number of the message, or of the one that came before with the same key.
    func send(
        _ participant: ParticipantID, _ connection: WebSocketConnection, _ chat: ClientMessage.SendChat
    ) async throws(RequestFailure) -> Int {
        let seat = try seat(participant, connection)
        guard limits.takeChat() else { throw .tooMany }
        guard mayChat(seat) else { throw .forbidden }
        let text = try TextRules.chat(chat.text)
        let key: String?
        if let wish = chat.key { key = try TextRules.idempotencyKey(wish) } else { key = nil }
        let draft = ChatDraft(from: participant, name: seat.entry.participant.name, text: text, at: .now)
        do {
            switch try await services.store.send(draft, key: key, to: room, fence: seat.fence) {
            case .sent(let seq): return seq
            case .notHeld: await renew()
            }
        } catch {
            logger.warning("A chat message was not taken", metadata: ["error": "\(error)"])
            throw .unavailable
        }
        throw seats[participant] === seat ? .unavailable : .seatLost
    }

    // MARK: Changes

    func seat(_ participant: ParticipantID, _ connection: WebSocketConnection) throws(RequestFailure) -> LocalSeat {
        // A process that was stopped and goes on acts for nobody until it knows that the seats are its own still.
        checkLeases()
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
        try? await change(seat) { entry in
            entry.participant.connected = seat.socket != nil
            seat.describe(in: &entry)
        }
    }

    func reconcileAll() async {
        for seat in seats.values where !seat.isAsSeen { await reconcile(seat) }
    }

    /// - Parameter ticket: which is used up by the change.
    func change(
        _ seat: LocalSeat, ticket: String? = nil, _ change: (inout SeatEntry) -> Void
    ) async throws(RequestFailure) {
        await seat.lock(isolation: self)
        defer { seat.unlock() }
        guard seats[seat.id] === seat else { throw .seatLost }
        var entry = seat.entry
        change(&entry)
        entry.participant.role = entry.role(by: rules.policy)
        if seat.hasSpoken { entry.previousResumeHash = nil }
        guard entry != seat.entry else { return }
        do {
            let isAnnounced = entry.participant != seat.entry.participant
            switch try await services.store.update(
                room, fence: seat.fence, entry: entry, ticket: ticket, announced: isAnnounced)
            {
            case .done:
                let wasModerator = seat.isModerator
                seat.entry = entry
                // The policy may have changed meanwhile.
                seat.entry.participant.role = entry.role(by: rules.policy)
                if seat.isModerator, !wasModerator { tellLobbySoon() }
                return
            case .ticketUsed: throw RequestFailure.ticketInvalid
            case .notHeld: break
            }
        } catch let failure as RequestFailure {
            throw failure
        } catch {
            throw .unavailable
        }
        // A renewal drops the seat, or puts it back if Redis has lost its memory.
        await renew()
        throw seats[seat.id] === seat ? .unavailable : .seatLost
    }
}

extension ClientMessage.UpdateParticipant {
    fileprivate func turnsOn(_ source: MediaSource) -> Bool {
        switch source {
        case .microphone: microphone == true
        case .camera: camera == true
        case .screen: screen == true
        }
    }
}

extension ParticipantState {
    fileprivate mutating func take(_ update: ClientMessage.UpdateParticipant) {
        microphone = update.microphone ?? microphone
        camera = update.camera ?? camera
        screen = update.screen ?? screen
        switch update.hand {
        case true: handRaisedAt = handRaisedAt ?? .now
        case false: handRaisedAt = nil
        case nil: break
        }
    }
}
