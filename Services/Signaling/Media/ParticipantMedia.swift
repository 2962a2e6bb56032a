import Logging
import ParleyProtocol

/// One participant's media at its media node: a Janus session with a publishing handle and a subscribing one.
///
/// Errors of the media node reach the client as `media_unavailable`; what the client did wrong as `media_refused`.
actor ParticipantMedia {
    /// The session, joined to the room.
    struct Attachment {
        let session: UInt64
        let publisher: UInt64
        /// Proves to Janus that the subscriber belongs to somebody who has joined.
        let privateID: UInt64
        /// The feed of the silent placeholder streams.
        let placeholder: String
    }

    private static let hangupLimit: Duration = .seconds(1)
    private static let maximumEvents = 1_024

    let seat: MediaSeat
    let room: MediaRoomName
    let node: MediaNode?
    let emit: @Sendable (MediaEvent) -> Void
    private let logger: Logger

    var attachment: Attachment?
    private var attaching: Task<Attachment, any Error>?
    private var listening: Task<Void, Never>?
    private var isClosed = false

    private var isNegotiatingPublisher = false
    private var isPublished = false
    private var isUp = false
    /// Whether Janus has taken down the last publishing connection.
    private var isHungUp = true
    private var hangup: CheckedContinuation<Void, Never>?

    var subscriber: UInt64?
    var isStarted = false
    var slots = SlotMap()
    var isReconciling = false
    var awaitingKeyFrame: Set<String> = []

    init(
        _ seat: MediaSeat, node: MediaNode?, events: @escaping @Sendable (MediaEvent) -> Void, logger: Logger
    ) {
        self.seat = seat
        self.node = node
        emit = events
        room = MediaRoomName(room: seat.room, meeting: seat.meeting)
        var logger = logger
        logger[metadataKey: "participant"] = "\(seat.participant)"
        self.logger = logger
    }

    // MARK: Sending

    /// Publishes microphone, camera and screen; a former publication is ended before.
    ///
    /// - Returns: the SDP answer.
    func publish(offer sdp: String) async throws(MediaError) -> String {
        let offer = try SessionDescription(parsing: sdp)
        try offer.requirePublishingOffer()
        guard !isNegotiatingPublisher else { throw .refused("The last offer is still being answered.") }
        isNegotiatingPublisher = true
        defer { isNegotiatingPublisher = false }
        let attachment = try await attached()
        await endPublication()
        let answer = try await ask(
            attachment, handle: attachment.publisher, VideoRoomRequest.Publish(),
            jsep: JanusDescription(type: "offer", sdp: offer.withDiscontinuousTransmission))
        guard let jsep = answer.jsep, jsep.type == "answer" else { throw .unavailable }
        isPublished = true
        isHungUp = false
        return jsep.sdp
    }

    /// Stops sending. The client closes its connection itself.
    func unpublish() async {
        await endPublication()
    }

    private func endPublication() async {
        guard isPublished, let attachment else { return }
        isPublished = false
        _ = try? await ask(attachment, handle: attachment.publisher, VideoRoomRequest.Unpublish())
        setUp(false)
        await waitForHangup()
    }

    /// The handle takes a new offer only when Janus has taken the old connection down.
    private func waitForHangup() async {
        guard !isHungUp else { return }
        let limit = Task { [weak self] in
            try? await Task.sleep(for: Self.hangupLimit)
            guard !Task.isCancelled else { return }
            await self?.hungUp()
        }
        await withCheckedContinuation { continuation in
            hangup?.resume()
            hangup = continuation
        }
        limit.cancel()
    }

    private func hungUp() {
        isHungUp = true
        hangup?.resume()
        hangup = nil
    }

    private func setUp(_ up: Bool) {
        guard isUp != up else { return }
        isUp = up
        emit(.publishing(up))
    }

    // MARK: Session

    /// Ends everything at the media node. The object can't be used again.
    func close() async {
        isClosed = true
        attaching?.cancel()
        let session = attachment?.session
        forget()
        if let session { await node?.closeSession(session) }
    }

    private func forget() {
        attachment = nil
        subscriber = nil
        isStarted = false
        isPublished = false
        isUp = false
        awaitingKeyFrame = []
        slots.reset()
        listening?.cancel()
        listening = nil
        hungUp()
    }

    func attached() async throws(MediaError) -> Attachment {
        if let attachment { return attachment }
        guard !isClosed, let node else { throw .unavailable }
        let task = attaching ?? Task { try await self.attach(to: node) }
        attaching = task
        defer { if attaching == task { attaching = nil } }
        do {
            return try await task.value
        } catch {
            throw unavailable(error)
        }
    }

    private func attach(to node: MediaNode) async throws -> Attachment {
        let (stream, events) = AsyncStream.makeStream(
            of: JanusMessage.self, bufferingPolicy: .bufferingOldest(Self.maximumEvents))
        let session = try await node.openSession(
            events: { events.yield($0) }, lost: { [weak self] in Task { await self?.lost() } })
        do {
            let publisher = try await node.attach(session: session, opaqueID: seat.participant.rawValue)
            let joined = try await join(node, session: session, handle: publisher)
            guard let privateID = joined.privateID,
                let placeholder = joined.publishers?.first(where: { $0.dummy == true }),
                !isClosed
            else { throw JanusFailure.closed }
            let made = Attachment(
                session: session, publisher: publisher, privateID: privateID, placeholder: placeholder.id)
            attachment = made
            listening = Task { [weak self] in
                for await message in stream { await self?.receive(message) }
            }
            return made
        } catch {
            await node.closeSession(session)
            throw error
        }
    }

    private func join(_ node: MediaNode, session: UInt64, handle: UInt64) async throws -> VideoRoomAnswer {
        let body = VideoRoomRequest.JoinAsPublisher(room: room.rawValue, id: seat.participant.rawValue)
        for _ in 1...3 {
            do {
                let answer = try await node.message(session: session, handle: handle, body: body)
                guard let joined = answer.answer, joined.videoroom == "joined" else { throw JanusFailure.closed }
                return joined
            } catch JanusFailure.refused(VideoRoomErrorCode.noSuchRoom, _) {
                try await node.createRoom(room)
            } catch JanusFailure.refused(VideoRoomErrorCode.idExists, _) {
                // A session of this seat that another node made, or this one before it lost the connection.
                await node.kick(seat.participant, from: room)
            }
        }
        throw JanusFailure.closed
    }

    private func lost() {
        guard !isClosed, attachment != nil else { return }
        let wasUp = isUp
        forget()
        if wasUp { emit(.publishing(false)) }
        emit(.lost(delayMilliseconds: Int.random(in: 0...1_500)))
    }

    private func receive(_ message: JanusMessage) {
        guard let attachment, message.sessionID == attachment.session else { return }
        switch message.janus {
        case "webrtcup" where message.sender == attachment.publisher: setUp(true)
        case "timeout": lost()
        case "webrtcup": askForKeyFrames(Set(slots.all.map(\.mid)))
        case "hangup" where message.sender == attachment.publisher:
            isPublished = false
            setUp(false)
            hungUp()
        case "event" where message.sender == subscriber:
            guard let jsep = message.jsep, jsep.type == "offer" else { return }
            emit(.offer(.init(sdp: jsep.sdp, slots: slots.all)))
        default: return
        }
    }

    func ask(
        _ attachment: Attachment, handle: UInt64, _ body: any Encodable & Sendable, jsep: JanusDescription? = nil
    ) async throws(MediaError) -> JanusMessage {
        guard let node else { throw .unavailable }
        do {
            return try await node.message(session: attachment.session, handle: handle, body: body, jsep: jsep)
        } catch {
            noteLoss(error, of: attachment)
            throw unavailable(error)
        }
    }

    func noteLoss(_ error: any Error, of attachment: Attachment) {
        guard let failure = error as? JanusFailure, failure.meansLostSession,
            self.attachment?.session == attachment.session
        else { return }
        lost()
    }

    func unavailable(_ error: any Error) -> MediaError {
        if let error = error as? MediaError { return error }
        logger.warning("A request to the media node failed", metadata: ["error": "\(error)"])
        return .unavailable
    }
}
