import Crypto
import Foundation
import ParleyProtocol

/// What gives a seat to who holds it: the participant's id and a secret of 256 bits, of which only the hash is stored.
struct ResumeToken: Sendable {
    let participant: ParticipantID
    private let secret: String

    /// A fresh one.
    init(for participant: ParticipantID) {
        self.participant = participant
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        secret = Data(bytes).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// One that a client has sent; nothing if it has not the form of one.
    init?(_ text: String) {
        guard text.utf8.count <= 128, let dot = text.firstIndex(of: ".") else { return nil }
        let name = text[..<dot]
        guard (1...32).contains(name.utf8.count), name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }) else {
            return nil
        }
        participant = ParticipantID(String(name))
        secret = String(text[text.index(after: dot)...])
    }

    var text: String { "\(participant.rawValue).\(secret)" }

    /// In hexadecimal digits.
    var hash: String {
        SHA256.hash(data: Data(secret.utf8)).map { String(format: "%02x", $0) }.joined()
    }

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
