import ParleyProtocol
import ServiceLifecycle

/// Ends at the media node what ended in Redis. Nobody waits for it.
struct MeetingEndings: Service {
    /// What is beyond stays at its media node as an empty room, which a restart of the node removes.
    private static let maximumWaiting = 10_000

    private let media: MediaPlane
    private let meetings: AsyncStream<EndedMeeting>
    private let meeting: AsyncStream<EndedMeeting>.Continuation

    init(media: MediaPlane) {
        self.media = media
        (meetings, meeting) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.maximumWaiting))
    }

    func note(_ ended: EndedMeeting) {
        guard !ended.mediaNode.isEmpty else { return }
        meeting.yield(ended)
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await ended in meetings {
                await media.endMeeting(room: ended.room, meeting: ended.meeting, node: ended.mediaNode)
            }
        }
    }
}
