import Crypto
import Foundation
import ParleyProtocol
import ServiceKit

/// What gives a seat to who holds it: the participant's id and a secret with 128 bits of chance, of which only the hash is stored.
struct ResumeToken: Sendable {
    let participant: ParticipantID
    fileprivate let secret: String

    var text: String { "\(participant.rawValue).\(secret)" }

    /// In hexadecimal digits.
    var hash: String { SHA256.hash(data: Data(secret.utf8)).hexadecimal }

    /// Whether it gives the seat to who holds it.
    func opens(_ entry: SeatEntry) -> Bool {
        matches(entry.resumeHash) || entry.previousResumeHash.map(matches) ?? false
    }

    /// Compares without telling by the time it takes how much was right.
    func matches(_ storedHash: String) -> Bool {
        let mine = Array(hash.utf8)
        let stored = Array(storedHash.utf8)
        guard mine.count == stored.count else { return false }
        return zip(mine, stored).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// Makes resume tokens, and knows those that a node of this cluster has made: who invents one costs Redis nothing.
///
/// The secret is 16 bytes of chance and the first 16 of their HMAC-SHA-256, together with room and participant (RFC 2104, 5).
struct ResumeTokens: Sendable {
    private static let chance = 16
    private static let code = 16

    private let key: SymmetricKey

    init(clusterSecret: [UInt8]) {
        key = SymmetricKey(data: ClusterKey.derive(clusterSecret, purpose: "parley resume v1"))
    }

    /// A fresh one.
    func make(_ room: RoomID, _ participant: ParticipantID) -> ResumeToken {
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<Self.chance).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        let secret = Base64URL.encode(bytes + code(of: bytes, room, participant))
        return ResumeToken(participant: participant, secret: secret)
    }

    /// One that a client has sent; nothing if it was not made here for this room.
    func read(_ text: String, _ room: RoomID) -> ResumeToken? {
        guard text.utf8.count <= 128, let dot = text.firstIndex(of: ".") else { return nil }
        let participant = ParticipantID(String(text[..<dot]))
        let secret = String(text[text.index(after: dot)...])
        guard let bytes = Base64URL.decode(secret).map(Array.init), bytes.count == Self.chance + Self.code else {
            return nil
        }
        let chance = Array(bytes.prefix(Self.chance))
        let difference = zip(bytes.dropFirst(Self.chance), code(of: chance, room, participant))
            .reduce(0) { $0 | ($1.0 ^ $1.1) }
        return difference == 0 ? ResumeToken(participant: participant, secret: secret) : nil
    }

    private func code(of chance: [UInt8], _ room: RoomID, _ participant: ParticipantID) -> [UInt8] {
        let signed = Data("\(room.rawValue)\n\(participant.rawValue)\n".utf8) + chance
        return Array(HMAC<SHA256>.authenticationCode(for: signed, using: key).prefix(Self.code))
    }
}

extension SHA256Digest {
    private static let digits = Array("0123456789abcdef".utf8)

    fileprivate var hexadecimal: String {
        String(decoding: flatMap { [Self.digits[Int($0 >> 4)], Self.digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
