import ParleyProtocol

// The end of the process.
extension RoomHub {
    /// Asks all clients of this node to move to another one. Until they have, they are served as ever.
    func askAllToMove() {
        for seat in seats.values { askToMove(seat) }
    }

    /// Clients come spread over a time, so that the other nodes take them one after the other.
    func askToMove(_ seat: LocalSeat) {
        let spread = Int(services.times.drainSpread / .milliseconds(1))
        seat.socket?.connection.send(.drain(.init(delay: Int.random(in: 0...max(0, spread)))))
    }

    /// Who stands in line here comes to another node with the same ticket and key, and finds the place there.
    func closeLine() {
        for waiter in line.values { waiter.nudge.finish() }
    }
}
