import ParleyProtocol
import Redis
import WebSockets

// Standing in line for a seat of a full room.
extension RoomHub {
    /// One socket in line.
    struct Waiter {
        /// Tells it from another socket of the same entering, which takes its place.
        let connection: WebSocketConnection
        /// Wakes it when it is worth asking again.
        let nudge: AsyncStream<Void>.Continuation
        /// Nothing for a guest.
        let session: SessionID?
    }

    /// Waits until the seat is taken and the socket welcomed. Who closes the socket leaves the line.
    ///
    /// - Throws: `Refusal` when there is no waiting any more.
    func standInLine(
        _ connection: WebSocketConnection, _ arrival: Arrival, position: Int
    ) async throws {
        guard !services.drain.isDraining else { throw Refusal.unavailable }
        let (nudges, nudge) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let waiter = Waiter(connection: connection, nudge: nudge, session: arrival.entry.session)
        line.updateValue(waiter, forKey: arrival.id)?.nudge.finish()
        // Who was signed out while Redis was asked was not in line yet to be told.
        if hasEnded(waiter.session) { connection.endSignedOut() }
        let closing = Task {
            await connection.waitUntilClosed()
            nudge.finish()
        }
        defer {
            closing.cancel()
            if line[arrival.id]?.connection === connection { line[arrival.id] = nil }
        }
        tell(connection, position)
        for await _ in nudges {
            guard connection.closeCode == nil else { break }
            do {
                guard let next = try await tryToJoin(connection, arrival, waits: true) else { return }
                // Also when it is the same: a page can't see that its connection is dead but by silence.
                tell(connection, next)
            } catch is RedisError {
                // Redis is away: the place is kept for a while, and the next nudge tries again.
                continue
            }
        }
        try await leaveLine(connection, arrival)
    }

    private func leaveLine(_ connection: WebSocketConnection, _ arrival: Arrival) async throws {
        // This process stops, or the same entering has another socket here. The place stays for who comes with the same key.
        guard let code = connection.closeCode else { throw Refusal.unavailable }
        // After a break the same person may be in line again already, at any node. The place ends by itself if not.
        if code != CloseCode.broken, line[arrival.id]?.connection === connection {
            try? await services.store.quit(room, arrival.id)
            // Those behind move up. Most of a room sit at one node; others hear of it when they ask again.
            nudgeLine()
        }
        throw Refusal.leftLine
    }

    /// Asks again for all who stand in line here: somebody has left, or it is time to say that they are still there.
    func nudgeLine() {
        lineDue = .now + services.times.line
        for waiter in line.values { waiter.nudge.yield() }
    }

    private func tell(_ connection: WebSocketConnection, _ position: Int) {
        connection.send(.waiting(.init(reason: .full, position: position)))
    }
}
