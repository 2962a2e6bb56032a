import Foundation
import NIOConcurrencyHelpers
import ParleyProtocol

/// What others see of an entry of the roster.
struct SeenSeat: Sendable {
    let participant: Participant
    /// Milliseconds since 1970.
    let joinedAt: Int
    /// The participant's JSON, as a `welcome` has it.
    let json: [UInt8]

    private struct Entry: Decodable {
        var participant: Participant
        var joinedAt: Int
    }

    /// - Throws: `DecodingError` when these are not the bytes of an entry.
    init(raw: [UInt8]) throws {
        let entry = try WireJSON.decoder.decode(Entry.self, from: Data(raw))
        participant = entry.participant
        joinedAt = entry.joinedAt
        json = try WireJSON.encode(entry.participant)
    }
}

/// Entries by their bytes, as far as they were read lately. Who comes in is shown the whole roster, of which next to nothing
/// has changed since the one before came.
final class SeenSeats: Sendable {
    /// Of these, all are forgotten at once: about 10 MB, and more people than one process serves.
    private static let most = 8_192

    private let known = NIOLockedValueBox<[[UInt8]: SeenSeat]>([:])

    /// - Throws: `DecodingError` when Redis holds something that no release has written.
    func seat(_ raw: [UInt8]) throws -> SeenSeat {
        if let seat = known.withLockedValue({ $0[raw] }) { return seat }
        let seat = try SeenSeat(raw: raw)
        known.withLockedValue { known in
            if known.count >= Self.most { known = [:] }
            known[raw] = seat
        }
        return seat
    }
}
