import Logging
import ParleyProtocol

/// One participant's media at its media node: a Janus session with a publishing handle and a subscribing one.
///
/// Errors of the media node reach the client as `media_unavailable`; what the client did wrong as `media_refused`. After
/// `close` or `release` nothing is asked of the media node and nothing is told any more.
actor ParticipantMedia {
    /// The session, joined to the room.
    struct Attachment: Hashable {
        let session: JanusSession
        let publisher: UInt64
        /// Proves to Janus that the subscriber belongs to somebody who has joined.
        let privateID: UInt64
        /// The feed of the silent placeholder streams.
        let placeholder: String
    }

    /// The participant has no media here any more: because it left, or because another signaling node has its seat.
    enum Ending {
        case closed, released
    }

    private static let maximumEvents = 1_024

    let seat: MediaSeat
    let room: MediaRoomName
    let node: MediaNode?
    let logger: Logger
    private let events: @Sendable (MediaEvent) -> Void

    var attachment: Attachment?
    var attaching: Task<Attachment, any Error>?
    /// The takeover of another node's session, which requests wait for.
    var claiming: Task<Void, Never>?
    private(set) var ending: Ending?
    private var listening: Task<Void, Never>?
    private var toldHandles: MediaHandles?
    /// The last session, which waits to be destroyed because the connection to it broke.
    private var lostSession: JanusSession?

    var isNegotiatingPublisher = false
    var isPublished = false
    var isUp = false
    /// Whether Janus has taken down the last publishing connection.
    var isHungUp = true
    var hangup: CheckedContinuation<Void, Never>?

    /// What a moderator has turned off for good.
    var blocked: Set<MediaSource> = []
    /// What Janus does not let through, as far as that is known.
    var muted: [MediaSource: Bool] = [:]

    var subscriber: UInt64?
    /// How often an offer for it was asked for.
    var subscriptions = 0
    var isStarted = false
    var slots = SlotMap()
    var isReconciling = false
    var awaitingKeyFrame: Set<String> = []
    /// The client may have a receiving connection that the former signaling node told nobody of.
    var mayHaveReceiver = false

    init(
        _ seat: MediaSeat, node: MediaNode?, events: @escaping @Sendable (MediaEvent) -> Void, logger: Logger
    ) {
        self.seat = seat
        self.node = node
        self.events = events
        room = MediaRoomName(room: seat.room, meeting: seat.meeting)
        var logger = logger
        logger[metadataKey: "participant"] = "\(seat.participant)"
        self.logger = logger
    }

    // MARK: Telling

    func emit(_ event: MediaEvent) {
        guard ending == nil else { return }
        events(event)
    }

    /// What another signaling node would need now.
    var handles: MediaHandles? {
        attachment.map { attachment in
            MediaHandles(
                node: seat.node, session: attachment.session.id, publisher: attachment.publisher,
                privateID: attachment.privateID, placeholder: attachment.placeholder,
                subscriber: isStarted ? subscriber : nil)
        }
    }

    func tellHandles() { tell(handles) }

    func tell(_ handles: MediaHandles?) {
        guard handles != toldHandles else { return }
        toldHandles = handles
        emit(.handles(handles))
    }

    // MARK: End

    /// Ends everything at the media node.
    func close() async {
        guard ending == nil else { return }
        ending = .closed
        let session = attachment?.session
        forget()
        if let session { await node?.closeSession(session) }
    }

    /// The seat has moved to another signaling node, which has the session now.
    func release() async {
        guard ending == nil else { return }
        ending = .released
        let session = attachment?.session ?? lostSession
        forget()
        if let session { await node?.releaseSession(session) }
    }

    private func forget() {
        attaching?.cancel()
        attachment = nil
        subscriber = nil
        isStarted = false
        isPublished = false
        isUp = false
        mayHaveReceiver = false
        awaitingKeyFrame = []
        slots.reset()
        listening?.cancel()
        listening = nil
        hungUp()
    }

    /// Everything at the media node is gone or can't be used any more.
    func lost() async {
        guard ending == nil, let attachment else { return }
        let people = slots.people
        let wasUp = isUp
        forget()
        lostSession = attachment.session
        if wasUp { emit(.publishing(false)) }
        tellHandles()
        emit(.lost(people: people))
        await node?.closeSession(attachment.session)
    }

    // MARK: Session

    func attached() async throws(MediaError) -> Attachment {
        await claiming?.value
        if let attachment { return attachment }
        guard ending == nil, let node else { throw .unavailable }
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
        let (stream, events) = Self.makeStream()
        let session = try await node.openSession(
            events: { events.yield($0) }, lost: { [weak self] in Task { await self?.lost() } })
        do {
            let publisher = try await node.attach(session: session, opaqueID: seat.participant.rawValue)
            let joined = try await join(node, session: session, handle: publisher)
            guard let privateID = joined.privateID,
                let placeholder = joined.publishers?.first(where: { $0.dummy == true }),
                ending == nil
            else { throw JanusFailure.closed }
            let made = Attachment(
                session: session, publisher: publisher, privateID: privateID, placeholder: placeholder.id)
            await use(made, stream)
            return made
        } catch {
            await node.closeSession(session)
            throw error
        }
    }

    static func makeStream() -> (AsyncStream<JanusMessage>, AsyncStream<JanusMessage>.Continuation) {
        AsyncStream.makeStream(of: JanusMessage.self, bufferingPolicy: .bufferingOldest(maximumEvents))
    }

    /// From now on this is the participant's session.
    func use(_ made: Attachment, _ stream: AsyncStream<JanusMessage>) async {
        attachment = made
        lostSession = nil
        listening = Task { [weak self] in
            for await message in stream { await self?.receive(message) }
        }
        tellHandles()
        // It may have been lost while it was not yet the participant's.
        if await node?.has(made.session) != true { await lost() }
    }

    private func join(_ node: MediaNode, session: JanusSession, handle: UInt64) async throws -> VideoRoomAnswer {
        let body = VideoRoomRequest.JoinAsPublisher(room: room.rawValue, id: seat.participant.rawValue)
        var isPatient = true
        for _ in 1...4 {
            guard ending == nil else { throw JanusFailure.closed }
            do {
                let answer = try await node.message(session: session, handle: handle, body: body)
                guard let joined = answer.answer, joined.videoroom == "joined" else { throw JanusFailure.closed }
                return joined
            } catch JanusFailure.refused(VideoRoomErrorCode.noSuchRoom, _) {
                try await node.createRoom(room)
            } catch JanusFailure.refused(VideoRoomErrorCode.idExists, _) {
                // A session of this seat that another node made, or this one before it lost the connection. Most often it is
                // being destroyed, and a kick in the midst of that may crash Janus 1.1.2.
                if isPatient {
                    isPatient = false
                    try await Task.sleep(for: .milliseconds(300))
                    continue
                }
                await node.kick(seat.participant.rawValue, from: room)
            }
        }
        throw JanusFailure.closed
    }
}
