import Logging
import ParleyProtocol
import ServiceKit
import ServiceLifecycle
import Synchronization

/// Tells directory that a moderator has locked or unlocked a room, so that it is so for the next meeting too. Nobody waits for
/// it, and what can't be told after several attempts is known to this meeting only.
final class RoomLocks: Service {
    private static let maximumWaiting = 1_000

    private let client: ServiceClient
    private let pauses: [Duration]
    private let logger: Logger
    /// What directory is being told, the newest of each room.
    private let untold = Mutex<[RoomID: Bool]>([:])
    private let rooms: AsyncStream<RoomID>
    private let room: AsyncStream<RoomID>.Continuation

    /// - Parameter pauses: before each attempt.
    init(
        client: ServiceClient, pauses: [Duration] = [.zero, .seconds(1), .seconds(3), .seconds(10), .seconds(30)],
        logger: Logger
    ) {
        self.client = client
        self.pauses = pauses
        self.logger = logger
        (rooms, room) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.maximumWaiting))
    }

    func note(_ id: RoomID, locked: Bool) {
        let isNew = untold.withLock { $0.updateValue(locked, forKey: id) == nil }
        guard isNew, case .dropped = room.yield(id) else { return }
        forget(id)
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for await id in self.rooms { group.addTask { await self.tell(id) } }
            }
        }
    }

    private func tell(_ id: RoomID) async {
        for pause in pauses {
            if pause > .zero { try? await Task.sleep(for: pause) }
            // What changes while directory answers is told too.
            while let locked = untold.withLock({ $0[id] }), await isTold(id, locked) {
                let isLast = untold.withLock { untold in
                    guard untold[id] == locked else { return false }
                    untold[id] = nil
                    return true
                }
                if isLast { return }
            }
        }
        forget(id)
        logger.warning("Directory was not told of a room's lock", metadata: ["room": "\(id)"])
    }

    private func isTold(_ id: RoomID, _ locked: Bool) async -> Bool {
        do {
            try await client.put("/internal/rooms/\(id.rawValue)/lock", RoomLock(locked: locked))
            return true
        } catch {
            logger.debug("Directory does not take a lock", metadata: ["room": "\(id)", "error": "\(error)"])
            return false
        }
    }

    private func forget(_ id: RoomID) {
        untold.withLock { $0[id] = nil }
    }
}
