import ParleyProtocol

/// The receiving connection: offered once, its slots moved as roster and page ask for.
extension ParticipantMedia {
    /// After a switch to a picture, one more key frame is asked for.
    private static let keyFrameDelay: Duration = .milliseconds(320)
    private static let retryDelay: Duration = .milliseconds(300)

    /// Makes the receiving connection with its slots, all empty. The offer comes as an event.
    func subscribe() async throws(MediaError) {
        subscriptions += 1
        let number = subscriptions
        let attachment = try await attached()
        mayHaveReceiver = false
        let old = subscriber
        subscriber = nil
        isStarted = false
        slots.reset()
        tellHandles()
        if let old { await node?.detach(session: attachment.session, handle: old) }
        do {
            try await offerSlots(attachment, number)
        } catch {
            await noteLoss(error, of: attachment)
            throw unavailable(error)
        }
    }

    /// - Parameter number: of this subscription. When another was asked for meanwhile, that one counts.
    private func offerSlots(_ attachment: Attachment, _ number: Int) async throws {
        guard let node, self.attachment == attachment else { throw JanusFailure.closed }
        let handle = try await node.attach(session: attachment.session, opaqueID: seat.participant.rawValue)
        let body = VideoRoomRequest.JoinAsSubscriber(
            room: room.rawValue, privateID: attachment.privateID,
            streams: slots.all.map { slot in
                let source: MediaSource = slot.kind == .audio ? .microphone : .camera
                return .init(feed: attachment.placeholder, mid: source.feedMid)
            })
        do {
            let answer = try await message(attachment, handle: handle, body)
            guard let jsep = answer.jsep, jsep.type == "offer", self.attachment == attachment else {
                throw JanusFailure.closed
            }
            guard number == subscriptions else { throw MediaError.refused("Another offer was asked for.") }
            subscriber = handle
            emit(.offer(.init(sdp: jsep.sdp, slots: slots.all)))
        } catch {
            await node.detach(session: attachment.session, handle: handle)
            throw error
        }
    }

    /// Takes the client's answer to the newest offer; from then on slots are filled.
    func answer(sdp: String) async throws(MediaError) {
        let description = try SessionDescription(parsing: sdp)
        try description.requireAnswer(to: slots.all)
        await claiming?.value
        guard let attachment, let subscriber else { throw .refused("There is no offer to be answered.") }
        _ = try await ask(
            attachment, handle: subscriber, VideoRoomRequest.Start(),
            jsep: JanusDescription(type: "answer", sdp: description.text))
        guard self.subscriber == subscriber else { throw .refused("The offer is not the newest any more.") }
        isStarted = true
        tellHandles()
        await reconcile()
        // A slot that was switched while this offer was open had its key frame before anybody could receive it.
        askForKeyFrames(Set(slots.all.map(\.mid)))
    }

    /// Takes what the page shows now.
    func view(_ wishes: [SlotWish]) async throws(MediaError) {
        await claiming?.value
        try slots.view(wishes)
        expectReceiver()
        await reconcile()
    }

    /// Takes the roster without this participant.
    func rosterChanged(_ others: [Participant]) async {
        slots.roster(others)
        await reconcile()
    }

    /// Moves slots until they carry what they should. One run at a time: what changes meanwhile is seen by the same run.
    func reconcile() async {
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
    func askForKeyFrames(_ slots: Set<String>) {
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
}
