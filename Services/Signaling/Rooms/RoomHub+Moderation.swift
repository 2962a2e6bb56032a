import Logging
import ParleyProtocol
import WebSockets

// What moderators do with people who are inside.
extension RoomHub {
    func moderate(
        _ participant: ParticipantID, _ connection: WebSocketConnection, _ wish: ClientMessage.Moderation
    ) async throws(RequestFailure) {
        func order(_ order: SeatOrder, to people: SeatStore.Addressees) async throws(RequestFailure) {
            if case .named(let named) = people, !(1...Limits.seats).contains(named.count) {
                throw .invalid("An order is for 1 to \(Limits.seats) people.")
            }
            try await moderate(participant, connection) { store, room, fence in
                try await store.order(order, to: people, in: room, by: participant, fence: fence)
            }
        }
        switch wish {
        case .turnOff(let wish):
            let people = wish.participants.map { SeatStore.Addressees.named($0) } ?? .participants
            try await order(SeatOrder(action: .turnOff, by: participant, source: wish.source), to: people)
        case .block(let wish):
            if wish.participants == nil {
                try await moderate(participant, connection) { store, room, fence in
                    try await store.blockAll(wish.source, wish.blocked, in: room, by: participant, fence: fence)
                }
            }
            let people = wish.participants.map { SeatStore.Addressees.named($0) } ?? .participants
            try await order(
                SeatOrder(action: wish.blocked ? .block : .allow, by: participant, source: wish.source), to: people)
        case .askToUnmute(let wish):
            try await order(SeatOrder(action: .askToUnmute, by: participant), to: .named([wish.participant]))
        case .lowerHands(let wish):
            let people = wish.participants.map { SeatStore.Addressees.named($0) } ?? .all
            try await order(SeatOrder(action: .lowerHand, by: participant), to: people)
        case .setRole(let wish):
            try await order(
                SeatOrder(action: .setRole, by: participant, role: wish.role), to: .named([wish.participant]))
        case .rename(let wish):
            let name = try TextRules.displayName(wish.name)
            try await order(SeatOrder(action: .rename, by: participant, name: name), to: .named([wish.participant]))
        case .remove(let wish):
            try await remove(wish.participant, bans: wish.ban == true, by: participant, connection)
        case .sendToLobby(let wish):
            try await moderate(participant, connection) { store, room, fence in
                try await store.remove(wish.participant, knocks: true, from: room, by: participant, fence: fence)
            }
        case .spotlight(let wish):
            try await moderate(participant, connection) { store, room, fence in
                try await store.spotlight(wish.participant, in: room, by: participant, fence: fence)
            }
        case .end:
            try await moderate(participant, connection) { store, room, fence in
                try await store.end(room, by: participant, fence: fence)
            }
        }
    }

    /// The ban comes first: who is removed is back within a second.
    private func remove(
        _ person: ParticipantID, bans: Bool, by participant: ParticipantID, _ connection: WebSocketConnection
    ) async throws(RequestFailure) {
        if bans {
            let moderator = try seat(participant, connection)
            guard moderator.isModerator else { throw .forbidden }
            try await ban(person, by: moderator.entry)
        }
        try await moderate(participant, connection) { store, room, fence in
            try await store.remove(person, knocks: false, from: room, by: participant, fence: fence)
        }
    }

    private func ban(_ person: ParticipantID, by moderator: SeatEntry) async throws(RequestFailure) {
        do {
            guard let entry = try await services.store.entry(room, person)?.entry else { throw RequestFailure.notFound }
            guard !entry.participant.manages, person != moderator.participant.id else { throw RequestFailure.forbidden }
            try await services.bans.ban(
                BanReport(
                    name: entry.participant.name, account: entry.account, source: entry.source,
                    by: moderator.participant.name, byAccount: moderator.account), in: room)
        } catch let failure as RequestFailure {
            throw failure
        } catch {
            logger.warning("Nobody could be banned", metadata: ["error": "\(error)"])
            throw .unavailable
        }
    }

    // MARK: Carrying out

    /// What a moderator, at whatever node, wants of a seat of this one. Who it concerns is told.
    func carryOut(_ order: SeatOrder, for participant: ParticipantID) async {
        guard let seat = seats[participant] else { return }
        var told: ServerMessage.Moderated.Action?
        do {
            try await change(seat) { told = order.apply(to: &$0) }
        } catch {
            logger.debug("An order was not carried out", metadata: ["error": "\(error)"])
            return
        }
        guard let told, seats[participant] === seat else { return }
        switch order.action {
        case .block, .allow:
            if let media = seat.media { tellRoster(media, of: participant) }
        case .setRole:
            seat.socket?.toldLobby = nil
        case .rename:
            services.directory.entered(seat.entry, room: room, meeting: meeting.id, startedAt: meeting.startedAt)
        case .turnOff, .askToUnmute, .lowerHand: break
        }
        seat.socket?.connection.send(.moderated(.init(action: told, source: order.source, by: order.by)))
    }
}

extension SeatOrder {
    /// - Returns: what the person is told; nothing when it was so already.
    fileprivate func apply(to entry: inout SeatEntry) -> ServerMessage.Moderated.Action? {
        switch action {
        case .turnOff:
            guard let source, entry.participant.state.isOn(source) else { return nil }
            entry.participant.state.turnOff(source)
            return .turnedOff
        case .block:
            // Where everybody moderates nobody is blocked who could lift it.
            guard let source, entry.participant.role != .moderator, !entry.participant.blocked.contains(source) else {
                return nil
            }
            entry.participant.block(source)
            return .blocked
        case .allow:
            guard let source, entry.participant.blocked.contains(source) else { return nil }
            entry.participant.blocked.removeAll { $0 == source }
            return .allowed
        case .askToUnmute:
            return .askedToUnmute
        case .lowerHand:
            guard entry.participant.state.handRaisedAt != nil else { return nil }
            entry.participant.state.handRaisedAt = nil
            return .handLowered
        case .rename:
            guard let name, name != entry.participant.name else { return nil }
            entry.participant.name = name
            return .renamed
        case .setRole:
            guard let role, entry.granted != role else { return nil }
            entry.granted = role
            if role == .moderator { entry.participant.blocked = [] }
            return role == .moderator ? .roleGiven : .roleTaken
        }
    }
}

extension Participant {
    /// Turns it off, and lets the person not turn it on.
    mutating func block(_ source: MediaSource) {
        blocked = MediaSource.allCases.filter { blocked.contains($0) || $0 == source }
        state.turnOff(source)
    }
}

extension ParticipantState {
    func isOn(_ source: MediaSource) -> Bool {
        switch source {
        case .microphone: microphone
        case .camera: camera
        case .screen: screen
        }
    }

    mutating func turnOff(_ source: MediaSource) {
        switch source {
        case .microphone: microphone = false
        case .camera: camera = false
        case .screen: screen = false
        }
    }
}
