import Foundation
import NIOCore
import ParleyProtocol

/// A room event as the scripts publish it to the nodes: a line for them, then the JSON for the browsers.
///
/// `epoch SP seq SP kind SP participant SP fence SP node LF {"seq":…}`. The JSON goes on to browsers as it is.
struct RoomMessage: Sendable {
    typealias Kind = RoomEvent.Kind

    let epoch: String
    let seq: Int
    let kind: Kind
    let participant: ParticipantID
    /// Of the participant's seat with this event; 0 when the event has none.
    let fence: Int
    /// The node that serves the participant; the new media node when that was moved; else `-`.
    let node: String
    let json: [UInt8]

    /// A message of the room's channel.
    init?(_ buffer: ByteBuffer) {
        let bytes = buffer.readableBytesView
        guard let space = bytes.firstIndex(of: UInt8(ascii: " ")),
            let epoch = String(validating: bytes[..<space], as: UTF8.self)
        else { return nil }
        self.init(bytes[bytes.index(after: space)...], epoch: epoch)
    }

    /// An entry of the room's log, which is the same without epoch.
    init?(logged entry: [UInt8], epoch: String) {
        self.init(entry[...], epoch: epoch)
    }

    private init?(_ bytes: some BidirectionalCollection<UInt8>, epoch: String) {
        guard let lineEnd = bytes.firstIndex(of: UInt8(ascii: "\n")),
            let line = String(validating: bytes[..<lineEnd], as: UTF8.self)
        else { return nil }
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 5, let seq = Int(words[0]), let kind = Kind(rawValue: String(words[1])),
            let fence = Int(words[3])
        else { return nil }
        self.epoch = epoch
        self.seq = seq
        self.kind = kind
        participant = ParticipantID(String(words[2]))
        self.fence = fence
        node = String(words[4])
        json = [UInt8](bytes[bytes.index(after: lineEnd)...])
    }

    var position: EventOrder { EventOrder(epoch: epoch, seq: seq) }

    private struct Body: Decodable {
        var participant: Participant?
        var participants: [Participant]?
        var reason: String?
    }

    /// The participant of a `joined` or `updated` event.
    var content: Participant? {
        let body = body
        return body?.participant ?? body?.participants?.first
    }

    var endReason: MeetingEnd? { body?.reason.flatMap { MeetingEnd(rawValue: $0) } }

    /// How the seat of who has left is lost to the node that thought to hold it.
    var lossReason: LostSeat.Reason {
        switch body?.reason.flatMap({ RoomEvent.Left.Reason(rawValue: $0) }) {
        case .removed: .removed
        case .lobby: .lobby
        case .left, .gone, nil: .gone
        }
    }

    /// What a `room` event says.
    var rules: RoomEvent.Room? { try? WireJSON.decoder.decode(RoomEvent.Room.self, from: Data(json)) }

    private var body: Body? { try? WireJSON.decoder.decode(Body.self, from: Data(json)) }
}
