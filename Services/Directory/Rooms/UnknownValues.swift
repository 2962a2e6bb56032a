import Logging
import ParleyProtocol
import Synchronization

/// Says that a newer release has kept something of a room that this one does not understand: once for each room and process.
final class UnknownValues: Sendable {
    /// Rooms that are told of; who has so many of them knows.
    static let bound = 1_000

    private let logger: Logger
    private let told = Mutex<Set<RoomID>>([])

    init(logger: Logger = Logger(label: "directory")) {
        self.logger = logger
    }

    func note(_ room: Room) {
        guard !room.unknownFields.isEmpty, isNew(room.id) else { return }
        logger.warning(
            "A room has values that this release does not know; the strictest that it knows hold",
            metadata: ["room.id": "\(room.id)", "fields": "\(room.unknownFields.joined(separator: " "))"])
    }

    private func isNew(_ room: RoomID) -> Bool {
        told.withLock { $0.count < Self.bound && $0.insert(room).inserted }
    }
}
