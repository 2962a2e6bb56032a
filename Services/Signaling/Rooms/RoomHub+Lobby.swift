import Logging
import ParleyProtocol
import WebSockets

// What moderators do about who comes in, and what holds in the room.
extension RoomHub {
    /// What holds in the meeting, as far as this node knows.
    var rules: RoomEvent.Room { fanOut.rules }

    private var options: RoomOptions { rules.policy?.options ?? RoomOptions() }

    func lock(
        _ participant: ParticipantID, _ connection: WebSocketConnection, _ locked: Bool
    ) async throws(RequestFailure) {
        var report: LockReport?
        try await moderate(participant, connection) { store, room, fence in
            let answer = try await store.lock(room, locked, by: participant, fence: fence)
            report = answer.report
            return answer.outcome
        }
        if let report { services.locks.note(room, report) }
    }

    func admit(
        _ participant: ParticipantID, _ connection: WebSocketConnection, _ people: [ParticipantID]?
    ) async throws(RequestFailure) {
        guard people.map({ $0.count <= Limits.lobby }) ?? true else { throw .invalid("These are too many people.") }
        try await moderate(participant, connection) { store, room, fence in
            try await store.admit(people, to: room, by: participant, fence: fence)
        }
    }

    func deny(
        _ participant: ParticipantID, _ connection: WebSocketConnection, _ person: ParticipantID
    ) async throws(RequestFailure) {
        try await moderate(participant, connection) { store, room, fence in
            try await store.deny(person, in: room, by: participant, fence: fence)
        }
    }

    func moderate(
        _ participant: ParticipantID, _ connection: WebSocketConnection,
        _ call: (SeatStore, RoomID, _ fence: Int) async throws -> ModerationOutcome
    ) async throws(RequestFailure) {
        let seat = try seat(participant, connection)
        guard limits.takeUpdate() else { throw .tooMany }
        guard seat.isModerator else { throw .forbidden }
        do {
            switch try await call(services.store, room, seat.fence) {
            case .done: return
            case .forbidden: throw RequestFailure.forbidden
            case .missing: throw RequestFailure.notFound
            case .notHeld: break
            }
        } catch let failure as RequestFailure {
            throw failure
        } catch {
            logger.warning("A moderator's wish was not carried out", metadata: ["error": "\(error)"])
            throw .unavailable
        }
        await renew()
        throw seats[participant] === seat ? .unavailable : .seatLost
    }

    // MARK: What the policy allows

    func mayChat(_ seat: LocalSeat) -> Bool { options.chat == .everyone || seat.isModerator }

    func mayShareScreen(_ seat: LocalSeat) -> Bool { options.screenSharing == .everyone || seat.isModerator }

    /// The policy has changed: the script that took it has changed roles by it, and told of that.
    func takeRoles() {
        for seat in seats.values {
            let role = seat.entry.role(by: rules.policy)
            guard seat.entry.participant.role != role else { continue }
            seat.entry.participant.role = role
            seat.socket?.toldLobby = nil
            if role == .moderator { tellLobbySoon() }
        }
    }

    /// The policy has changed: what it does not allow any more ends. Nobody is shown a screen of which the roster knows nothing.
    func endForbiddenScreens() async {
        for seat in seats.values where seat.entry.participant.state.screen && !mayShareScreen(seat) {
            try? await change(seat) { $0.participant.state.screen = false }
        }
    }

    // MARK: Telling moderators

    /// Tells the moderators of this node who waits, those who do not know it yet.
    func tellLobby() async {
        guard seats.values.contains(where: { $0.isModerator && $0.socket != nil }) else { return }
        do {
            let people = try await services.store.lobby(room)
            let message = try ServerMessage.lobby(.init(people: people)).encoded()
            for seat in seats.values where seat.isModerator && seat.socket?.toldLobby != message {
                seat.socket?.connection.send(text: message)
                seat.socket?.toldLobby = message
            }
        } catch {
            // The next tick tries again.
            lobbyIsUntold = true
            logger.debug("The lobby can't be told", metadata: ["error": "\(error)"])
        }
    }
}

extension LocalSeat {
    var isModerator: Bool { entry.participant.role == .moderator }
}
