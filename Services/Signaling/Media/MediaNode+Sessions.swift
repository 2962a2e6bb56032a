import ParleyProtocol

/// A session at a media node that this process has.
struct JanusSession: Hashable, Sendable {
    let id: UInt64
    /// Tells two times apart in which the process had the same session, with another owner in between.
    let number: Int
}

// The sessions of participants, which Janus keeps for two minutes when their connection breaks, with their media.
extension MediaNode {
    struct Member {
        let number: Int
        let lost: @Sendable () -> Void
    }

    /// What is beyond is left to Janus' own timeout.
    private static let maximumDoomed = 10_000

    /// Makes a session. Its events go to `events`; `lost` is called once if the node is lost.
    func openSession(
        events: @escaping @Sendable (JanusMessage) -> Void, lost: @escaping @Sendable () -> Void
    ) async throws(JanusFailure) -> JanusSession {
        let connection = try await workingSoon()
        guard let session = try await connection.request("create").data?.id else { throw .closed }
        await connection.listen(to: session, events)
        return try keep(session, at: connection, lost: lost)
    }

    /// Takes over a session that another process made, with its handles and media. From then on its events come here.
    ///
    /// Janus does not keep the former owner from using it: only the seat's fence does.
    func claimSession(
        _ session: UInt64, events: @escaping @Sendable (JanusMessage) -> Void, lost: @escaping @Sendable () -> Void
    ) async throws(JanusFailure) -> JanusSession {
        let connection = try await workingSoon()
        // Before the claim, because the first event may come with its answer.
        await connection.listen(to: session, events)
        do throws(JanusFailure) {
            _ = try await connection.request("claim", session: session)
        } catch {
            await connection.listen(to: session, nil)
            throw error
        }
        doomed[session] = nil
        return try keep(session, at: connection, lost: lost)
    }

    private func keep(
        _ session: UInt64, at connection: JanusConnection, lost: @escaping @Sendable () -> Void
    ) throws(JanusFailure) -> JanusSession {
        guard self.connection === connection else {
            // It is at a connection that broke just now.
            doom(session, after: configuration.times.abandonment)
            throw .closed
        }
        lastMember += 1
        members[session] = Member(number: lastMember, lost: lost)
        return JanusSession(id: session, number: lastMember)
    }

    func has(_ session: JanusSession) -> Bool { members[session.id]?.number == session.number }

    /// Ends a session with its handles and media.
    func closeSession(_ session: JanusSession) async {
        guard has(session) else { return }
        members[session.id] = nil
        guard let connection else { return doom(session.id, after: .zero) }
        await connection.listen(to: session.id, nil)
        await connection.post(["destroy"], sessions: [session.id])
    }

    /// Leaves a session to its new owner.
    func releaseSession(_ session: JanusSession) async {
        guard has(session) else { return doomed[session.id] = nil }
        members[session.id] = nil
        await connection?.listen(to: session.id, nil)
    }

    /// Ends a session that belongs to nobody any more, now or when the node is back.
    func destroySession(_ session: UInt64) async {
        guard members[session] == nil else { return }
        doom(session, after: .zero)
        await destroyDoomed()
    }

    private func doom(_ session: UInt64, after delay: Duration) {
        guard doomed.count < Self.maximumDoomed else { return }
        doomed[session] = .now + delay
    }

    /// The connection to the node broke.
    func abandonMembers() {
        let left = members
        members = [:]
        for session in left.keys { doom(session, after: configuration.times.abandonment) }
        for member in left.values { member.lost() }
    }

    /// When the network is back for Janus, Redis may still have to tell that others have taken these sessions over.
    func spareAbandoned() {
        let earliest = ContinuousClock.now + configuration.times.abandonment
        doomed = doomed.mapValues { max($0, earliest) }
    }

    /// Claims and destroys: a session obeys only the connection that has it.
    func destroyDoomed() async {
        guard isWorking, let connection else { return }
        let due = doomed.filter { $0.value <= .now }.map(\.key)
        guard !due.isEmpty else { return }
        for session in due { doomed[session] = nil }
        await connection.post(["claim", "destroy"], sessions: due)
    }

    // MARK: Handles

    func attach(session: JanusSession, opaqueID: String) async throws(JanusFailure) -> UInt64 {
        guard has(session) else { throw .closed }
        return try await attach(try working(), session: session.id, opaqueID: opaqueID)
    }

    func detach(session: JanusSession, handle: UInt64) async {
        guard has(session) else { return }
        _ = try? await connection?.request("detach", session: session.id, handle: handle)
    }

    /// A request to VideoRoom on a participant's handle.
    func message(
        session: JanusSession, handle: UInt64, body: any Encodable & Sendable, jsep: JanusDescription? = nil
    ) async throws(JanusFailure) -> JanusMessage {
        guard has(session) else { throw .closed }
        return try await working().request("message", session: session.id, handle: handle, body: body, jsep: jsep)
    }
}
