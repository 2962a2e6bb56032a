import ParleyProtocol
import Redis
import WebSockets

// Standing in line for a seat of a full room.
extension RoomHub {
    /// Waits until the seat is taken and the socket welcomed. Who closes the socket leaves the line.
    ///
    /// - Throws: `Refusal` when there is no waiting any more.
    func standInLine(
        _ connection: WebSocketConnection, _ arrival: Arrival, position: Int
    ) async throws {
        let (nudges, nudge) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        line[arrival.id] = nudge
        let closing = Task {
            await connection.waitUntilClosed()
            nudge.finish()
        }
        defer {
            line[arrival.id] = nil
            closing.cancel()
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
        try? await services.store.quit(room, arrival.id)
        throw Refusal.leftLine
    }

    /// Asks again for all who stand in line here: somebody has left, or it is time to say that they are still there.
    func nudgeLine() {
        lineDue = .now + services.times.line
        for nudge in line.values { nudge.yield() }
    }

    private func tell(_ connection: WebSocketConnection, _ position: Int) {
        connection.send(.waiting(.init(reason: .full, position: position)))
    }
}
