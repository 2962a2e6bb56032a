import NIOCore
import ParleyProtocol

/// The lobby has changed: a message of the room's channel that is no event of its log.
///
/// `lobby SP participant,participant…`, those who have been answered. Who needs the list asks for it.
struct LobbyNotice: Sendable {
    private static let head = "lobby "

    let answered: [ParticipantID]

    init?(_ buffer: ByteBuffer) {
        guard buffer.readableBytesView.starts(with: Self.head.utf8) else { return nil }
        let names = String(decoding: buffer.readableBytesView.dropFirst(Self.head.utf8.count), as: UTF8.self)
        answered = names.split(separator: ",").map { ParticipantID(String($0)) }
    }
}
