import Logging
import ParleyProtocol

/// Destroys rooms at a media node whose meeting has ended without that the node was told: it was away, or the process that
/// should have told it died.
struct RoomSweeper: Sendable {
    /// How many rooms are asked about in one sweep.
    private static let maximumRooms = 100

    let node: MediaNode
    let isRunning: MediaPlane.IsRunning

    /// Sweeps until the task is cancelled.
    func run(every interval: Duration) async {
        var suspects: Set<MediaRoomName> = []
        while !Task.isCancelled {
            // Not all processes at the same time.
            try? await Task.sleep(for: interval * Double.random(in: 0.8...1.2))
            suspects = await sweep(suspects)
        }
    }

    /// - Parameter suspects: rooms that were to be destroyed already at the last sweep.
    /// - Returns: rooms that are to be destroyed if it is the same at the next sweep.
    private func sweep(_ suspects: Set<MediaRoomName>) async -> Set<MediaRoomName> {
        var next: Set<MediaRoomName> = []
        for room in await node.emptyRooms.shuffled().prefix(Self.maximumRooms) {
            guard await isRunning(room.room, room.meeting) == false else { continue }
            if suspects.contains(room), let inside = try? await node.participants(of: room), inside.isEmpty {
                await node.destroyRoom(room)
            } else {
                next.insert(room)
            }
        }
        return next
    }
}
