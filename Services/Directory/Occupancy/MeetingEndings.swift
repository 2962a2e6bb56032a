import Logging
import ParleyProtocol
import ServiceKit
import ServiceLifecycle

/// Sees to it that the meeting of a deleted room ends, also when signaling was away at the moment of deletion.
///
/// What is still to be done stands in the table `room_ending`. Several processes may do it at once: ending twice is harmless.
struct MeetingEndings: Service {
    private static let pause = Duration.seconds(5)
    /// In seconds: until then the deletion's own attempt may still run.
    private static let grace = 5
    private static let batch = 50

    let store: RoomStore
    let signaling: SignalingCalls
    let logger: Logger

    /// One attempt, now. When it fails, `run` tries again.
    func end(_ room: RoomID) async {
        do {
            try await signaling.endMeeting(in: room)
            try await store.noteEnded(room)
        } catch {
            logger.warning(
                "The meeting of a deleted room could not be ended yet",
                metadata: ["room.id": "\(room)", "error": "\(error)"])
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.pause)
                await endOld()
            }
        }
    }

    /// Tries again for rooms whose deletion is a while ago.
    func endOld() async {
        guard let rooms = try? await store.endings(olderThan: Self.grace, limit: Self.batch) else { return }
        for room in rooms where !Task.isCancelled { await end(room) }
    }
}
