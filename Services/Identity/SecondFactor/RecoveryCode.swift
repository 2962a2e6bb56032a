import Crypto
import Foundation
import ParleyProtocol

/// Opens an account once in place of an authenticator that was lost.
struct RecoveryCode: Hashable, Sendable {
    /// Without letters and digits that are taken for others.
    private static let alphabet = Array("abcdefghjkmnpqrstuvwxyz23456789")
    private static let length = 16

    private let letters: String

    /// 79 random bits: too many for guessing, so that a plain hash keeps it.
    init() {
        var generator = SystemRandomNumberGenerator()
        letters = String((0..<Self.length).compactMap { _ in Self.alphabet.randomElement(using: &generator) })
    }

    /// - Returns: nil for anything that can't be one.
    init?(typed: String) {
        let letters = typed.lowercased().filter { $0 != " " && $0 != "-" }
        guard letters.count == Self.length, letters.allSatisfy(Self.alphabet.contains) else { return nil }
        self.letters = letters
    }

    /// In groups of four, for people.
    var text: String {
        stride(from: 0, to: letters.count, by: 4).map { start in
            String(letters.dropFirst(start).prefix(4))
        }.joined(separator: "-")
    }

    /// What the database holds.
    var digest: [UInt8] { Array(SHA256.hash(data: Data(letters.utf8))) }

    static func makeAll() -> [RecoveryCode] { (0..<Limits.recoveryCodes).map { _ in RecoveryCode() } }
}
