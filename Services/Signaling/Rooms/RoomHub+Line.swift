import ParleyProtocol
import Redis
import ServiceKit
import WebSockets

// Waiting: in line for a seat of a full room, or in the lobby until a moderator has decided.
extension RoomHub {
    /// One socket that waits.
    struct Waiter {
        /// Tells it from another socket of the same entering, which takes its place.
        let connection: WebSocketConnection
        /// Wakes it when it is worth asking again.
        let nudge: AsyncStream<Void>.Continuation
        /// Nothing for a guest.
        let session: SessionID?
        var reason: ServerMessage.Waiting.Reason

        /// Whether it was perhaps no wish of the person. Also a page that is loaded anew goes away: a moderator who is about to
        /// decide sees the person stay, while in a line nobody is held up by somebody who has left.
        func mayComeBack(after code: UInt16) -> Bool {
            code == CloseCode.broken || (code == CloseCode.goingAway.rawValue && reason != .full)
        }
    }

    /// Waits until the seat is taken and the socket welcomed. Who closes the socket leaves the line.
    ///
    /// - Throws: `Refusal` when there is no waiting any more.
    func stand(
        _ connection: WebSocketConnection, _ arrival: Arrival, _ first: ServerMessage.Waiting
    ) async throws {
        guard !services.drain.isDraining else { throw Refusal.unavailable }
        // The place was given, or found, under this ticket. Who came back with it late is to have it still when Redis has lost
        // its memory of that.
        var arrival = arrival
        arrival.isExpired = false
        let (nudges, nudge) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let waiter = Waiter(
            connection: connection, nudge: nudge, session: arrival.entry.session, reason: first.reason)
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
        connection.send(.waiting(first))
        var latest = first
        for await _ in nudges {
            guard connection.closeCode == nil else { break }
            do {
                guard let next = try await tryToJoin(connection, arrival, waits: true) else { return }
                latest = next
                if line[arrival.id]?.connection === connection { line[arrival.id]?.reason = next.reason }
            } catch is RedisError {
                // Redis is away: the place is kept for a while, and the next nudge tries again.
            } catch let refusal as Refusal where refusal.code == .rebuilding {
                // Redis has lost its memory, and the place with it. Who was sent away would come back with a ticket that is too
                // old by then; who stays gets a new place with the first nudge after those who were inside.
            }
            // Also when nothing is known anew: a page can't see that its connection is dead but by silence.
            connection.send(.waiting(latest))
        }
        try await leaveLine(connection, arrival)
    }

    private func leaveLine(_ connection: WebSocketConnection, _ arrival: Arrival) async throws {
        // This process stops, or the same entering has another socket here. The place stays for who comes with the same key.
        guard let code = connection.closeCode else { throw Refusal.unavailable }
        // After a break the same person may be in line again already, at any node. The place ends by itself if not.
        if let waiter = line[arrival.id], waiter.connection === connection, !waiter.mayComeBack(after: code) {
            try? await services.store.quit(room, arrival.id)
            // Those behind move up. Most of a room sit at one node; others hear of it when they ask again.
            nudgeLine()
        }
        throw Refusal.leftLine
    }

    /// Asks again for all who wait here: it is time to say that they are still there.
    func nudgeAll() {
        lineDue = .now + services.times.line
        for waiter in line.values { waiter.nudge.yield() }
    }

    /// Asks again for those for whom something may have changed.
    func nudge(_ findings: FanOutFindings) {
        guard !line.isEmpty else { return }
        if findings.rulesChanged { return nudgeAll() }
        if findings.seatWasFreed { nudgeLine() }
        for participant in findings.answered { line[participant]?.nudge.yield() }
        if findings.rosterChanged, fanOut.roster.hasModerator {
            for waiter in line.values where waiter.reason == .moderator { waiter.nudge.yield() }
        }
    }

    /// Somebody has left.
    private func nudgeLine() {
        for waiter in line.values where waiter.reason == .full { waiter.nudge.yield() }
    }
}
