import Logging
import ParleyProtocol
import ServiceKit
import ServiceLifecycle

/// Sees to it that running meetings follow their rooms: that of a deleted room ends, and another policy holds at once. Also when
/// signaling was away at the moment of the change.
///
/// What is still to be done stands in the database: the table `room_ending`, and rooms whose `told_policy` is behind. Several processes
/// may do it at once: doing it twice is harmless.
struct MeetingOrders: Service {
    private static let pause = Duration.seconds(5)
    /// In seconds: until then the deletion's own attempt may still run.
    private static let grace = 5
    private static let batch = 50

    let store: RoomStore
    let signaling: SignalingCalls
    let logger: Logger

    /// One attempt, now. When it fails, `run` tries again.
    /// - Returns: whether signaling can be asked at all.
    @discardableResult
    func end(_ room: RoomID) async -> Bool {
        do {
            try await signaling.endMeeting(in: room)
            try await store.noteEnded(room)
            return true
        } catch {
            return report("The meeting of a deleted room could not be ended yet", room, error)
        }
    }

    /// One attempt, now. When it fails, `run` tries again.
    /// - Returns: whether signaling can be asked at all.
    @discardableResult
    func tell(_ policy: RoomPolicy, of room: RoomID) async -> Bool {
        do {
            try await signaling.setPolicy(policy, in: room)
            try await store.notePolicyTold(room, version: policy.version)
            return true
        } catch {
            return report("Signaling could not be told of a room's policy yet", room, error)
        }
    }

    /// One that is away, or has no Redis, is told of elsewhere and comes back by itself. One that refuses needs somebody who looks.
    /// - Returns: whether it refused.
    private func report(_ what: Logger.Message, _ room: RoomID, _ error: any Error) -> Bool {
        let call = error as? ServiceCallError
        let isAway = call?.isUnreachable == true || call?.status == 503 || call?.status == 429
        logger.log(
            level: isAway ? .info : .warning, what, metadata: ["room.id": "\(room)", "error": "\(error)"])
        return !isAway
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.pause)
                await catchUp()
            }
        }
    }

    /// Tries again what could not be done at once.
    func catchUp() async {
        if let rooms = try? await store.endings(olderThan: Self.grace, limit: Self.batch) {
            for room in rooms where !Task.isCancelled {
                guard await end(room) else { return }
            }
        }
        guard let rooms = try? await store.untoldPolicies(limit: Self.batch) else { return }
        for room in rooms where !Task.isCancelled {
            // While signaling is away there is no use in asking for one room after the other; one that is refused stops no other.
            guard await tell(room.policy, of: room.id) else { return }
        }
    }
}
