import Foundation
import NIOCore
import ParleyProtocol

/// What a moderator wants of a seat. The node that serves it, which alone writes its entry, carries it out.
struct SeatOrder: Codable, Hashable, Sendable {
    enum Action: String, Codable, Sendable {
        case turnOff, block, allow, askToUnmute, lowerHand, rename, setRole

        /// Whether it does not concern those who manage the room.
        var sparesManagers: Bool {
            switch self {
            case .block, .rename, .setRole: true
            case .turnOff, .allow, .askToUnmute, .lowerHand: false
            }
        }
    }

    var action: Action
    /// The moderator.
    var by: ParticipantID
    var source: MediaSource?
    var name: String?
    var role: Role?
}

/// A message of the room's channel that is no event of its log: `order SP participant,participant… SP JSON`.
struct OrderNotice: Sendable {
    private static let head = "order "

    let participants: [ParticipantID]
    let order: SeatOrder

    /// Nothing for what is no order, or one of a newer release.
    init?(_ buffer: ByteBuffer) {
        guard Self.isOne(buffer) else { return nil }
        let parts = buffer.readableBytesView.split(separator: UInt8(ascii: " "), maxSplits: 2)
        guard parts.count == 3, let order = try? WireJSON.decoder.decode(SeatOrder.self, from: Data(parts[2])) else {
            return nil
        }
        participants = String(decoding: parts[1], as: UTF8.self).split(separator: ",").map { ParticipantID(String($0)) }
        self.order = order
    }

    static func isOne(_ buffer: ByteBuffer) -> Bool { buffer.readableBytesView.starts(with: head.utf8) }
}
