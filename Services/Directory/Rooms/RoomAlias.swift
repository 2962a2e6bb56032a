import Foundation
import ParleyProtocol

/// The name of a room in its link.
enum RoomAlias {
    private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz")

    /// The alias as it is kept: in lower case.
    ///
    /// `^[a-z0-9](?:[a-z0-9-]{1,62})[a-z0-9]$`, and no UUID, because where a path takes either, a UUID is a room's id.
    static func normalized(_ text: String) throws(FieldRefusal) -> String {
        let alias = text.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
        guard !alias.isEmpty else { throw FieldRefusal(.missing) }
        guard alias.utf8.count >= Limits.roomAlias.lowerBound else { throw FieldRefusal(.tooShort) }
        guard alias.utf8.count <= Limits.roomAlias.upperBound else { throw FieldRefusal(.tooLong) }
        guard alias.utf8.allSatisfy({ isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }),
            !alias.hasPrefix("-"), !alias.hasSuffix("-"), UUID(text: alias) == nil
        else { throw FieldRefusal(.badFormat) }
        return alias
    }

    /// An alias that nobody can guess: 100 random bits in four groups.
    static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator)
    }

    static func random(using generator: inout some RandomNumberGenerator) -> String {
        let groups = (0..<4).map { _ in
            String((0..<5).map { _ in digits[Int.random(in: digits.indices, using: &generator)] })
        }
        return groups.joined(separator: "-")
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
