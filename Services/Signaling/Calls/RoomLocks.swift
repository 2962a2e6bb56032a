import Logging
import ParleyProtocol
import ServiceKit
import ServiceLifecycle
import Synchronization

/// Tells directory that a moderator has locked or unlocked a room, so that it is so for the next meeting too. Nobody waits for
/// it but the end of the process, and what can't be told after many attempts is known to this meeting only.
final class RoomLocks: Service {
    /// Rooms. What is beyond is not told.
    private static let most = 1_000
    /// Calls at the same time, at the end.
    private static let width = 8
    private static let farewellPause = Duration.milliseconds(250)

    private let client: ServiceClient
    private let pauses: [Duration]
    private let farewell: Duration
    private let logger: Logger
    /// What directory is being told, the newest decision of each room.
    private let untold = Mutex<[RoomID: LockReport]>([:])
    private let rooms: AsyncStream<RoomID>
    private let room: AsyncStream<RoomID>.Continuation

    /// - Parameters:
    ///   - pauses: before each attempt. A directory that starts anew is back within ten minutes.
    ///   - farewell: how long the end of the process waits for what is untold, and for one call more.
    init(
        client: ServiceClient,
        pauses: [Duration] = [.zero, .seconds(1), .seconds(3), .seconds(10)]
            + Array(repeating: .seconds(30), count: 20),
        farewell: Duration = .seconds(3), logger: Logger
    ) {
        self.client = client
        self.pauses = pauses
        self.farewell = farewell
        self.logger = logger
        (rooms, room) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.most))
    }

    /// Answers of Redis may be read in another order than they were given.
    func note(_ id: RoomID, _ report: LockReport) {
        let (isNew, hasPlace) = untold.withLock { untold in
            let known = untold[id]
            guard known != nil || untold.count < Self.most else { return (false, false) }
            untold[id] = known.map { max($0, report) } ?? report
            return (known == nil, true)
        }
        if isNew { room.yield(id) }
        if !hasPlace { warn(id) }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for await id in self.rooms { group.addTask { await self.tell(id) } }
            }
        }
        await tellRest()
    }

    private func tell(_ id: RoomID) async {
        for pause in pauses {
            if pause > .zero { try? await Task.sleep(for: pause * Double.random(in: 0.75...1.25)) }
            // What is left then is told at the end.
            guard !Task.isCancelled else { return }
            if await isTold(id) { return }
        }
        giveUp(id)
    }

    /// The process ends: the next meeting must not begin with an old lock.
    private func tellRest() async {
        let deadline = ContinuousClock.now + farewell
        var rest = untold.withLock { Array($0.keys) }[...]
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.width {
                if let id = rest.popFirst() { group.addTask { await self.tell(id, until: deadline) } }
            }
            while await group.next() != nil {
                if let id = rest.popFirst() { group.addTask { await self.tell(id, until: deadline) } }
            }
        }
    }

    private func tell(_ id: RoomID, until deadline: ContinuousClock.Instant) async {
        while ContinuousClock.now < deadline, !Task.isCancelled {
            if await isTold(id) { return }
            try? await Task.sleep(for: Self.farewellPause)
        }
        giveUp(id)
    }

    /// Tells what there is of the room, also what comes while directory answers.
    private func isTold(_ id: RoomID) async -> Bool {
        while let report = untold.withLock({ $0[id] }) {
            guard await isTaken(report, of: id) else { return false }
            untold.withLock { untold in
                if untold[id] == report { untold[id] = nil }
            }
        }
        return true
    }

    /// Whether there is no use in telling it again.
    private func isTaken(_ report: LockReport, of id: RoomID) async -> Bool {
        do {
            try await client.put("/internal/rooms/\(id.rawValue)/lock", report)
            return true
        } catch {
            logger.debug("Directory does not take a lock", metadata: ["room": "\(id)", "error": "\(error)"])
            // As a rule the room was deleted.
            return error.isFinal
        }
    }

    private func giveUp(_ id: RoomID) {
        guard untold.withLock({ $0.removeValue(forKey: id) }) != nil else { return }
        warn(id)
    }

    private func warn(_ id: RoomID) {
        logger.warning("Directory was not told of a room's lock", metadata: ["room": "\(id)"])
    }
}

extension ServiceCallError {
    /// The other has refused it, and would refuse it again.
    var isFinal: Bool { status.map { (400..<500).contains($0) && $0 != 408 && $0 != 429 } ?? false }
}
