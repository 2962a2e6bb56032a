import Logging
import ParleyProtocol

/// One participant's media at its media node: a Janus session with a publishing handle and a subscribing one.
///
/// Errors of the media node reach the client as `media_unavailable`; what the client did wrong as `media_refused`.
actor ParticipantMedia {
    /// The session, joined to the room.
    private struct Attachment {
        let session: UInt64
        let publisher: UInt64
        /// Proves to Janus that the subscriber belongs to somebody who has joined.
        let privateID: UInt64
        /// The feed of the silent placeholder streams.
        let placeholder: String
    }

    /// After a switch to a picture, one more key frame is asked for.
    private static let keyFrameDelay: Duration = .milliseconds(320)
    private static let retryDelay: Duration = .milliseconds(300)
    private static let hangupLimit: Duration = .seconds(1)
    private static let maximumEvents = 1_024

    private let seat: MediaSeat
    private let room: MediaRoomName
    private let node: MediaNode?
    private let emit: @Sendable (MediaEvent) -> Void
    private let logger: Logger

    private var attachment: Attachment?
    private var attaching: Task<Attachment, any Error>?
    private var listening: Task<Void, Never>?
    private var isClosed = false

    private var isNegotiatingPublisher = false
    private var isPublished = false
    private var isUp = false
    /// Whether Janus has taken down the last publishing connection.
    private var isHungUp = true
    private var hangup: CheckedContinuation<Void, Never>?

    private var subscriber: UInt64?
    private var isStarted = false
    private var slots = SlotMap()
    private var isReconciling = false
    private var awaitingKeyFrame: Set<String> = []

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

    // MARK: Receiving

    /// Makes the receiving connection with its slots, all empty. The offer comes as an event.
    func subscribe() async throws(MediaError) {
        let attachment = try await attached()
        if let old = subscriber {
            subscriber = nil
            await node?.detach(session: attachment.session, handle: old)
        }
        isStarted = false
        slots.reset()
        do {
            guard let node else { throw JanusFailure.closed }
            let handle = try await node.attach(session: attachment.session, opaqueID: seat.participant.rawValue)
            let answer = try await node.message(
                session: attachment.session, handle: handle,
                body: VideoRoomRequest.JoinAsSubscriber(
                    room: room.rawValue, privateID: attachment.privateID,
                    streams: slots.all.map { slot in
                        let source: MediaSource = slot.kind == .audio ? .microphone : .camera
                        return .init(feed: attachment.placeholder, mid: source.feedMid)
                    }))
            guard let jsep = answer.jsep, jsep.type == "offer", self.attachment?.session == attachment.session else {
                throw JanusFailure.closed
            }
            subscriber = handle
            emit(.offer(.init(sdp: jsep.sdp, slots: slots.all)))
        } catch {
            noteLoss(error, of: attachment)
            throw unavailable(error)
        }
    }

    /// Takes the client's answer to the newest offer; from then on slots are filled.
    func answer(sdp: String) async throws(MediaError) {
        let description = try SessionDescription(parsing: sdp)
        try description.requireAnswer(to: slots.all)
        guard let attachment, let subscriber else { throw .refused("There is no offer to be answered.") }
        _ = try await ask(
            attachment, handle: subscriber, VideoRoomRequest.Start(),
            jsep: JanusDescription(type: "answer", sdp: description.text))
        isStarted = true
        await reconcile()
        // A slot that was switched while this offer was open had its key frame before anybody could receive it.
        askForKeyFrames(Set(slots.all.map(\.mid)))
    }

    /// Takes what the page shows now.
    func view(_ wishes: [SlotWish]) async throws(MediaError) {
        try slots.view(wishes)
        await reconcile()
    }

    /// Takes the roster without this participant.
    func rosterChanged(_ others: [Participant]) async {
        slots.roster(others)
        await reconcile()
    }

    /// Moves slots until they carry what they should. One run at a time: what changes meanwhile is seen by the same run.
    private func reconcile() async {
        guard !isReconciling else { return }
        isReconciling = true
        defer { isReconciling = false }
        while isStarted, let attachment, let subscriber {
            let moves = slots.moves
            if !moves.isEmpty {
                await move(moves, attachment, subscriber)
                continue
            }
            let layers = slots.layerChanges
            guard !layers.isEmpty else { return }
            await setLayers(layers, attachment, subscriber)
        }
    }

    private func move(_ moves: [SlotMap.Move], _ attachment: Attachment, _ handle: UInt64) async {
        if await tryMove(moves, attachment, handle) { return }
        // One feed that is not there fails the whole request, so each is tried alone.
        for move in moves where moves.count > 1 && isStarted {
            _ = await tryMove([move], attachment, handle)
        }
        try? await Task.sleep(for: Self.retryDelay)
    }

    /// Whether all slots were moved.
    private func tryMove(_ moves: [SlotMap.Move], _ attachment: Attachment, _ handle: UInt64) async -> Bool {
        let streams = moves.map { move in
            let feed = feed(of: move, attachment)
            return VideoRoomRequest.FeedStream(feed: feed.feed, mid: feed.mid, subMid: move.mid)
        }
        guard
            let answer = try? await ask(attachment, handle: handle, VideoRoomRequest.Switch(streams: streams)),
            subscriber == handle
        else {
            if subscriber == handle { slots.failed(moves) }
            return false
        }
        // Janus says `ok` for moves that it did not make, so its list of slots is what counts.
        let carried = Dictionary(
            (answer.answer?.streams ?? []).map { ($0.mid, $0) }, uniquingKeysWith: { first, _ in first })
        let done = moves.filter { move in
            let feed = feed(of: move, attachment)
            guard let slot = carried[move.mid] else { return false }
            return slot.feedID == feed.feed && slot.feedMid == feed.mid
        }
        let undone = moves.filter { !done.contains($0) }
        slots.failed(undone)
        let contents = slots.moved(done)
        if !contents.isEmpty { emit(.slots(contents)) }
        askForKeyFrames(Set(done.map(\.mid)))
        return undone.isEmpty
    }

    private func feed(of move: SlotMap.Move, _ attachment: Attachment) -> (feed: String, mid: String) {
        switch move.content {
        case .track(let participant, let source): return (participant.rawValue, source.feedMid)
        case .placeholder:
            let isAudio = slots.all.first { $0.mid == move.mid }?.kind == .audio
            return (attachment.placeholder, isAudio ? "0" : "1")
        }
    }

    private func setLayers(_ layers: [SlotMap.Move], _ attachment: Attachment, _ handle: UInt64) async {
        let body = VideoRoomRequest.Configure(streams: layers.map { .init(mid: $0.mid, substream: $0.layer) })
        _ = try? await ask(attachment, handle: handle, body)
        // Also after a failure: the next switch sets the layer anew, and a wrong size is no reason to ask for ever.
        slots.layered(layers)
    }

    /// Browsers drop a request for a key frame that comes within 300 ms of the last one, and the next picture of their own
    /// accord may be seconds away. So one more request follows each switch, when that time is over.
    private func askForKeyFrames(_ slots: Set<String>) {
        let mids = self.slots.showing(slots)
        guard !mids.isEmpty else { return }
        let isScheduled = !awaitingKeyFrame.isEmpty
        awaitingKeyFrame.formUnion(mids)
        guard !isScheduled else { return }
        Task { [weak self] in
            try? await Task.sleep(for: Self.keyFrameDelay)
            await self?.requestKeyFrames()
        }
    }

    private func requestKeyFrames() async {
        let mids = slots.showing(awaitingKeyFrame)
        awaitingKeyFrame = []
        guard !mids.isEmpty, let attachment, let subscriber else { return }
        let body = VideoRoomRequest.Configure(streams: mids.map { .init(mid: $0, send: true) })
        _ = try? await ask(attachment, handle: subscriber, body)
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

    private func attached() async throws(MediaError) -> Attachment {
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

    private func ask(
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

    private func noteLoss(_ error: any Error, of attachment: Attachment) {
        guard let failure = error as? JanusFailure, failure.meansLostSession,
            self.attachment?.session == attachment.session
        else { return }
        lost()
    }

    private func unavailable(_ error: any Error) -> MediaError {
        if let error = error as? MediaError { return error }
        logger.warning("A request to the media node failed", metadata: ["error": "\(error)"])
        return .unavailable
    }
}
