import Logging
import ParleyProtocol

/// The sending connection.
extension ParticipantMedia {
    private static let hangupLimit: Duration = .seconds(1)

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
        guard let jsep = answer.jsep, jsep.type == "answer", self.attachment == attachment else { throw .unavailable }
        isPublished = true
        isHungUp = false
        // Janus has forgotten it with the former publication. Before the client can send anything.
        muted = Dictionary(uniqueKeysWithValues: MediaSource.allCases.map { ($0, false) })
        guard await settleBlocks() else { throw .unavailable }
        return jsep.sdp
    }

    // MARK: What a moderator has turned off

    /// Lets nothing through that is blocked, whatever the client sends; also after it has published anew.
    func block(_ sources: Set<MediaSource>) async {
        blocked = sources
        await settleBlocks()
    }

    /// - Returns: whether Janus does as is wanted. What it did not is tried with the next change and the next publication.
    @discardableResult
    func settleBlocks() async -> Bool {
        guard isPublished, let node, let attachment else { return true }
        while let source = MediaSource.allCases.first(where: { muted[$0] != blocked.contains($0) }) {
            let mute = blocked.contains(source)
            do throws(JanusFailure) {
                try await node.moderate(seat.participant.rawValue, source, mute: mute, in: room)
            } catch {
                logger.warning("A source could not be blocked or allowed", metadata: ["error": "\(error)"])
                return false
            }
            guard isPublished, self.attachment == attachment else { return false }
            muted[source] = mute
        }
        return true
    }

    /// Stops sending. The client closes its connection itself.
    func unpublish() async {
        await claiming?.value
        await endPublication()
    }

    private func endPublication() async {
        guard isPublished, let attachment else { return }
        isPublished = false
        do throws(MediaError) {
            _ = try await ask(attachment, handle: attachment.publisher, VideoRoomRequest.Unpublish())
        } catch {
            // There was nothing to be ended, so no end will be told either.
            hungUp()
        }
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

    func hungUp() {
        isHungUp = true
        hangup?.resume()
        hangup = nil
    }

    func setUp(_ up: Bool) {
        guard isUp != up else { return }
        isUp = up
        emit(.publishing(up))
    }
}
