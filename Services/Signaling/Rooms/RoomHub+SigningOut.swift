import ParleyProtocol

// Seats end with the sessions that they were taken with.
extension RoomHub {
    func hasEnded(_ session: SessionID?) -> Bool {
        session.map(services.hasEnded) ?? false
    }

    /// Gives back the seats of these sessions and closes their sockets.
    func signOut(_ sessions: Set<SessionID>) async {
        for seat in seats.values where seat.entry.session.map(sessions.contains) == true {
            let connection = seat.socket?.connection
            giveUp(seat, .left)
            connection?.send(.sessionEnded(.init(reason: .signedOut)))
            connection?.close(.signedOut, reason: "signed out")
        }
        await sayGoodbyes()
    }
}
