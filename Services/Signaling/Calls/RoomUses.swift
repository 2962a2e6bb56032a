import Logging
import ParleyProtocol
import ServiceKit
import ServiceLifecycle
import Synchronization

/// Tells directory that rooms are used, so that they do not grow old. Not more than once in a while for each room; entering
/// never waits for it.
final class RoomUses: Service {
    /// A room's age is counted in days.
    private static let interval: Duration = .seconds(600)
    private static let maximumWaiting = 1_000

    private let client: ServiceClient
    private let logger: Logger
    private let told = Mutex<[RoomID: ContinuousClock.Instant]>([:])
    private let uses: AsyncStream<(RoomID, MeetingID)>
    private let use: AsyncStream<(RoomID, MeetingID)>.Continuation

    init(client: ServiceClient, logger: Logger) {
        self.client = client
        self.logger = logger
        (uses, use) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.maximumWaiting))
    }

    /// Somebody took a seat.
    func note(_ room: RoomID, _ meeting: MeetingID) {
        let isNew = told.withLock { told in
            if let last = told[room], .now - last < Self.interval { return false }
            if told.count >= Self.maximumWaiting { told = told.filter { .now - $0.value < Self.interval } }
            told[room] = .now
            return true
        }
        if isNew { use.yield((room, meeting)) }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await (room, meeting) in self.uses { await self.tell(room, meeting) }
        }
    }

    private func tell(_ room: RoomID, _ meeting: MeetingID) async {
        do {
            try await client.post("/internal/rooms/\(room.rawValue)/use", RoomUse(meeting: meeting))
        } catch {
            // The next person who enters makes it known.
            told.withLock { $0[room] = nil }
            logger.warning(
                "Directory was not told of a room's use", metadata: ["room": "\(room)", "error": "\(error)"])
        }
    }
}
