import ParleyProtocol
import ServiceLifecycle

/// Ends at the media node what ended in Redis. Nobody waits for it.
struct MediaEndings: Service {
    /// What is beyond stays at its media node until it is swept.
    private static let maximumWaiting = 10_000

    private let media: MediaPlane
    private let notices: AsyncStream<SeatNotice>
    private let notice: AsyncStream<SeatNotice>.Continuation

    init(media: MediaPlane) {
        self.media = media
        (notices, notice) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.maximumWaiting))
    }

    func note(_ noticed: SeatNotice) {
        notice.yield(noticed)
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await noticed in notices { await end(noticed) }
        }
    }

    private func end(_ noticed: SeatNotice) async {
        switch noticed {
        case .meetingEnded(let ended) where !ended.mediaNode.isEmpty:
            await media.endMeeting(room: ended.room, meeting: ended.meeting, node: ended.mediaNode)
        case .expired(let entry, _):
            if let handles = entry.media { await media.destroy(handles) }
        case .meetingEnded: break
        }
    }
}
