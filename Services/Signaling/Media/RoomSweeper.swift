import ParleyProtocol
import ServiceLifecycle

/// Destroys rooms at media nodes whose meeting has ended without that the node was told: it was away, or the process that
/// should have told it died.
struct RoomSweeper: Service {
    /// Whether a meeting still goes on; nothing when that is not known now.
    typealias IsRunning = @Sendable (RoomID, MeetingID) async -> Bool?

    /// How many rooms are asked about in one sweep.
    private static let maximumRooms = 100

    private let media: MediaPlane
    private let interval: Duration
    private let isRunning: IsRunning

    init(media: MediaPlane, every interval: Duration = .seconds(15), isRunning: @escaping IsRunning) {
        self.media = media
        self.interval = interval
        self.isRunning = isRunning
    }

    /// Sweeps until the process stops.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            var suspects: Set<MediaPlane.PlacedRoom> = []
            while !Task.isCancelled {
                // Not all processes at the same time.
                try? await Task.sleep(for: interval * Double.random(in: 0.8...1.2))
                suspects = await sweep(suspects)
            }
        }
    }

    /// - Parameter suspects: rooms that were to be destroyed already at the last sweep.
    /// - Returns: rooms that are to be destroyed if it is the same at the next sweep.
    private func sweep(_ suspects: Set<MediaPlane.PlacedRoom>) async -> Set<MediaPlane.PlacedRoom> {
        var next: Set<MediaPlane.PlacedRoom> = []
        // Suspects first, so that they are not forgotten among many.
        let rooms = await media.emptyRooms().shuffled()
        let ordered = rooms.filter(suspects.contains) + rooms.filter { !suspects.contains($0) }
        for room in ordered.prefix(Self.maximumRooms) where !Task.isCancelled {
            guard await isRunning(room.name.room, room.name.meeting) == false else { continue }
            if suspects.contains(room) {
                await media.destroyIfEmpty(room)
            } else {
                next.insert(room)
            }
        }
        return next
    }
}
