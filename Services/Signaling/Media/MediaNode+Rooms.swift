import Logging
import ParleyProtocol

// The rooms at Janus, one for each meeting.
extension MediaNode {
    /// Makes the room unless another signaling node has made it.
    func createRoom(_ room: MediaRoomName) async throws(JanusFailure) {
        do {
            _ = try await administer(
                VideoRoomRequest.Create(
                    room: room.rawValue, adminKey: configuration.adminKey, secret: secret(of: room)))
        } catch .refused(VideoRoomErrorCode.roomExists, _) {}
    }

    /// Rooms with an ended meeting that are remembered. What is beyond is swept.
    private static let maximumEndedRooms = 1_000

    /// In one round. Should each take nearly as long as a probe may, the sessions are still kept alive in time.
    private static let maximumEndings = 50

    /// Destroys the room as soon as a probe that comes later finds it empty.
    ///
    /// Not at once: Janus 1.1.2 tells all in the room of its end, and when the session of one of them goes away meanwhile it reads
    /// memory that is free already and crashes. https://github.com/meetecho/janus-gateway/pull/3219 has mended that in 1.2.0.
    func endRoom(_ room: MediaRoomName) {
        strangers[room] = nil
        guard endedRooms.count < Self.maximumEndedRooms else { return }
        endedRooms.insert(room)
    }

    /// Destroys those of the ended rooms that the node's last answer shows empty.
    func destroyEmpty(_ ended: Set<MediaRoomName>) async {
        guard !ended.isEmpty else { return }
        let inhabited = Set(rooms.filter { $0.participants > 1 }.compactMap { MediaRoomName($0.room) })
        // By chance, so that a room that can't be destroyed does not hold up the others for good.
        for room in ended.subtracting(inhabited).shuffled().prefix(Self.maximumEndings) {
            do throws(JanusFailure) {
                try await destroyRoom(room, within: configuration.times.probe)
            } catch {
                // The next probe finds out whether the node still works.
                return logger.debug("A room can't be destroyed", metadata: ["error": "\(error)"])
            }
            endedRooms.remove(room)
        }
    }

    /// To be called for a room in which nobody is.
    ///
    /// - Throws: what may pass. A room that Janus will not destroy, for instance because it is not there, is no failure.
    func destroyRoom(_ room: MediaRoomName, within limit: Duration) async throws(JanusFailure) {
        strangers[room] = nil
        do {
            _ = try await administer(
                VideoRoomRequest.Destroy(room: room.rawValue, secret: secret(of: room)), within: limit)
        } catch .refused {}
    }

    /// Takes the participant's old connections away, so that its id is free again.
    func kick(_ participant: String, from room: MediaRoomName) async {
        _ = try? await administer(
            VideoRoomRequest.Kick(room: room.rawValue, secret: secret(of: room), id: participant))
    }

    /// Lets what a participant sends from a source through, or not.
    func moderate(
        _ participant: String, _ source: MediaSource, mute: Bool, in room: MediaRoomName
    ) async throws(JanusFailure) {
        _ = try await administer(
            VideoRoomRequest.Moderate(
                room: room.rawValue, secret: secret(of: room), id: participant, mid: source.feedMid, mute: mute))
    }

    /// Who has joined the room to send, without the placeholder.
    func participants(of room: MediaRoomName) async throws(JanusFailure) -> [VideoRoomAnswer.Participant] {
        let answer = try await administer(
            VideoRoomRequest.ListParticipants(room: room.rawValue, secret: secret(of: room)))
        return answer.answer?.participants?.filter { $0.dummy != true } ?? []
    }

    /// Our rooms in which nobody was at the last probe.
    var emptyRooms: [MediaRoomName] {
        rooms.filter { $0.participants <= 1 }.compactMap { MediaRoomName($0.room) }
    }

    private func secret(of room: MediaRoomName) -> String {
        room.secret(key: configuration.roomSecretKey)
    }

    private func administer(
        _ body: any Encodable & Sendable, within limit: Duration = .seconds(5)
    ) async throws(JanusFailure) -> JanusMessage {
        let connection = try working()
        guard let control else { throw .closed }
        return try await connection.request(
            "message", session: control.session, handle: control.handle, body: body, within: limit)
    }

    // MARK: Strangers

    /// Rooms with strangers that are remembered; a meeting that is looked after no more leaves one behind.
    private static let maximumStrangeRooms = 1_000

    /// Kicks those who send without a seat, when they have been seen twice with some time in between.
    ///
    /// - Parameters:
    ///   - now: when it is looked.
    ///   - isSeated: asked before somebody is taken out; what a node knows of the seats may be old.
    func removeStrangers(
        from room: MediaRoomName, seated: Set<ParticipantID>, now: ContinuousClock.Instant,
        isSeated: @Sendable (ParticipantID) async -> Bool
    ) async {
        guard let inside = try? await participants(of: room) else { return }
        if strangers.count > Self.maximumStrangeRooms { strangers = [:] }
        let known = strangers[room] ?? [:]
        var seen: [String: ContinuousClock.Instant] = [:]
        for stranger in inside.map(\.id) where !seated.contains(ParticipantID(stranger)) {
            let since = known[stranger] ?? now
            guard now - since >= configuration.times.strangers else {
                seen[stranger] = since
                continue
            }
            if await isSeated(ParticipantID(stranger)) { continue }
            logger.warning("Somebody without a seat is taken out", metadata: ["participant": "\(stranger)"])
            await kick(stranger, from: room)
        }
        strangers[room] = seen.isEmpty ? nil : seen
    }
}
