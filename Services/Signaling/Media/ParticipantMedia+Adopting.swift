import Logging
import ParleyProtocol

/// Taking over what another signaling node made, while the media go on.
extension ParticipantMedia {
    /// A slot that there is not: a switch of it changes nothing and answers what is in all slots.
    private static let noSlot = "none"

    /// Begins to take the session over. Requests wait until it has succeeded or failed; then the media are lost.
    func adopt(_ handles: MediaHandles) {
        guard ending == nil, attachment == nil, claiming == nil else { return }
        tell(handles)
        claiming = Task {
            await self.claim(handles)
            self.claiming = nil
            Task { await self.reconcile() }
        }
    }

    private func claim(_ handles: MediaHandles) async {
        do {
            guard let node, handles.node == seat.node else { throw JanusFailure.closed }
            let (stream, events) = Self.makeStream()
            let session = try await node.claimSession(
                handles.session, events: { events.yield($0) },
                lost: { [weak self] in Task { await self?.lost() } })
            do {
                try await takeUp(handles, session, stream)
            } catch {
                // Nobody else will end it.
                if ending == .released {
                    await node.releaseSession(session)
                } else {
                    await node.closeSession(session)
                }
                throw error
            }
        } catch {
            await giveUp(handles, because: error)
        }
    }

    /// Events of the time without an owner are lost, so Janus is asked what is.
    private func takeUp(
        _ handles: MediaHandles, _ session: JanusSession, _ stream: AsyncStream<JanusMessage>
    ) async throws {
        guard let node else { throw JanusFailure.closed }
        let found = Attachment(
            session: session, publisher: handles.publisher, privateID: handles.privateID,
            placeholder: handles.placeholder)
        let inside = try await node.participants(of: room)
        guard let own = inside.first(where: { $0.id == seat.participant.rawValue }) else { throw JanusFailure.closed }
        let streams = try await carried(by: handles, session)
        guard ending == nil else { throw JanusFailure.closed }
        if let streams, !slots.found(streams, placeholder: handles.placeholder) { throw JanusFailure.closed }
        subscriber = streams == nil ? nil : handles.subscriber
        isStarted = subscriber != nil
        mayHaveReceiver = subscriber == nil
        // Perhaps it was just being negotiated: then Janus has to be told that it ends before it takes another offer.
        isPublished = true
        isHungUp = false
        isUp = own.publisher == true
        emit(.publishing(isUp))
        if isStarted { emit(.slots(slots.contents)) }
        await use(found, stream)
        muted = [:]
        await settleBlocks()
        if streams?.contains(where: { $0.active != true || $0.awaitsAnswer }) == true { expectAnswer(handles, session) }
    }

    /// What the receiving connection carries; nothing when there is none.
    private func carried(
        by handles: MediaHandles, _ session: JanusSession
    ) async throws -> [VideoRoomAnswer.Stream]? {
        guard let node, let subscriber = handles.subscriber else { return nil }
        let nothing = VideoRoomRequest.FeedStream(
            feed: handles.placeholder, mid: MediaSource.camera.feedMid, subMid: Self.noSlot)
        return try await node.message(
            session: session, handle: subscriber, body: VideoRoomRequest.Switch(streams: [nothing])
        ).answer?.streams ?? []
    }

    private func giveUp(_ handles: MediaHandles, because error: any Error) async {
        logger.info("The media could not be taken over", metadata: ["error": "\(error)"])
        guard ending != .released else { return }
        if ending == nil {
            emit(.publishing(false))
            tell(nil)
            emit(.lost(people: slots.people))
        }
        await node?.destroySession(handles.session)
    }

    // MARK: What the former node could not tell of any more

    /// The client speaks of slots though nobody knows of its receiving connection. If it does not ask for a new one, it
    /// believes that it has one.
    func expectReceiver() {
        guard mayHaveReceiver, let attachment else { return }
        mayHaveReceiver = false
        later { media in
            guard await media.attachment == attachment, await media.subscriber == nil else { return }
            await media.lost()
        }
    }

    /// Janus may wait for the answer to an offer that the client never got, and makes no other before. The slots that it
    /// is about stay silent.
    private func expectAnswer(_ handles: MediaHandles, _ session: JanusSession) {
        later { media in
            guard await media.subscriber == handles.subscriber,
                let streams = try? await media.carried(by: handles, session),
                streams.contains(where: \.awaitsAnswer), await media.subscriber == handles.subscriber
            else { return }
            await media.lost()
        }
    }

    private func later(_ check: @escaping @Sendable (ParticipantMedia) async -> Void) {
        guard let limit = node?.configuration.times.receiver else { return }
        Task { [weak self] in
            try? await Task.sleep(for: limit)
            if let self { await check(self) }
        }
    }
}

extension VideoRoomAnswer.Stream {
    fileprivate var awaitsAnswer: Bool { active == true && ready == false }
}
