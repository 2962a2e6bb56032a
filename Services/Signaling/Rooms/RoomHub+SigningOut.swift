import ParleyProtocol

// Seats, and places in line, end with the sessions that they were taken with.
extension RoomHub {
    func hasEnded(_ session: SessionID?) -> Bool {
        session.map(services.hasEnded) ?? false
    }

    /// Gives back the seats of these sessions, and their places in line, and closes their sockets.
    func signOut(_ sessions: Set<SessionID>) async {
        for waiter in line.values where waiter.session.map(sessions.contains) == true {
            waiter.connection.endSignedOut()
        }
        for seat in seats.values where seat.entry.session.map(sessions.contains) == true {
            let connection = seat.socket?.connection
            giveUp(seat, .left)
            connection?.endSignedOut()
        }
        await sayGoodbyes()
    }
}
