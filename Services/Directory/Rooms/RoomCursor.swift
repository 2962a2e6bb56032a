import Foundation
import ParleyProtocol

/// Where a list of rooms goes on: after this room, newest first. Opaque to clients.
struct RoomCursor: Equatable, Sendable {
    var createdAt: Date
    var id: RoomID

    init(after room: Room) {
        createdAt = room.createdAt
        id = room.id
    }

    /// `nil` when the text was not made here.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        // Within 53 bits a `Double` holds microseconds exactly.
        guard parts.count == 2, let microseconds = Int64(parts[0]), microseconds.magnitude < 1 << 53,
            let id = RoomID(path: String(parts[1]))
        else { return nil }
        createdAt = Date(timeIntervalSince1970: Double(microseconds) / 1e6)
        self.id = id
    }

    var text: String {
        "\(Int64((createdAt.timeIntervalSince1970 * 1e6).rounded())).\(id.rawValue)"
    }
}
