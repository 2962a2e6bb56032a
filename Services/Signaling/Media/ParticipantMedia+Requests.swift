import Logging
import ParleyProtocol

// What goes to Janus for the participant, and what comes from there.
extension ParticipantMedia {
    /// VideoRoom's notices that the participant is not in the room any more.
    private static let roomDestroyed = "destroyed"
    private static let selfLeaving = "ok"

    /// The one way to the participant's handles: nothing is asked for a seat that was given up.
    func message(
        _ attachment: Attachment, handle: UInt64, _ body: any Encodable & Sendable, jsep: JanusDescription? = nil
    ) async throws(JanusFailure) -> JanusMessage {
        guard let node, self.attachment == attachment else { throw .closed }
        return try await node.message(session: attachment.session, handle: handle, body: body, jsep: jsep)
    }

    func ask(
        _ attachment: Attachment, handle: UInt64, _ body: any Encodable & Sendable, jsep: JanusDescription? = nil
    ) async throws(MediaError) -> JanusMessage {
        do {
            return try await message(attachment, handle: handle, body, jsep: jsep)
        } catch {
            await noteLoss(error, of: attachment)
            throw unavailable(error)
        }
    }

    func noteLoss(_ error: any Error, of attachment: Attachment) async {
        guard let failure = error as? JanusFailure, failure.meansLostSession, self.attachment == attachment else {
            return
        }
        await lost()
    }

    func unavailable(_ error: any Error) -> MediaError {
        if let error = error as? MediaError { return error }
        logger.warning("A request to the media node failed", metadata: ["error": "\(error)"])
        return .unavailable
    }

    func receive(_ message: JanusMessage) async {
        guard let attachment, message.sessionID == attachment.session.id else { return }
        let isOfPublisher = message.sender == attachment.publisher
        switch message.janus {
        case "webrtcup" where isOfPublisher: setUp(true)
        case "webrtcup": askForKeyFrames(Set(slots.all.map(\.mid)))
        case "hangup" where isOfPublisher:
            isPublished = false
            setUp(false)
            hungUp()
        case "timeout": await lost()
        case "detached" where isOfPublisher: await lost()
        // The answer to a keep-alive, which nobody waits for.
        case "error" where message.error?.code == JanusFailure.noSuchSession: await lost()
        case "event" where isOfPublisher:
            // Kicked, or the room was destroyed: the handle is of no use any more.
            let isOut =
                message.answer?.leaving == Self.selfLeaving || message.answer?.videoroom == Self.roomDestroyed
            if isOut { await lost() }
        case "event" where message.sender == subscriber:
            guard let jsep = message.jsep, jsep.type == "offer" else { return }
            emit(.offer(.init(sdp: jsep.sdp, slots: slots.all)))
        default: return
        }
    }
}
