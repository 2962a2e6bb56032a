import Crypto
import Foundation
import ParleyProtocol

/// The rules of PINs.
enum RoomPIN {
    /// Digits 0–9 only; leading zeros count. Empty is none.
    static func normalized(_ text: String) throws(FieldRefusal) -> String? {
        guard !text.isEmpty else { return nil }
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            throw FieldRefusal(.badFormat)
        }
        guard text.utf8.count >= Limits.pin.lowerBound else { throw FieldRefusal(.tooShort) }
        guard text.utf8.count <= Limits.pin.upperBound else { throw FieldRefusal(.tooLong) }
        return text
    }

    /// Takes the same time wherever the two differ.
    static func isEqual(_ one: String, _ other: String) -> Bool {
        let (left, right) = (padded(one), padded(other))
        var difference: UInt8 = one.utf8.count == other.utf8.count ? 0 : 1
        for (a, b) in zip(left, right) { difference |= a ^ b }
        return difference == 0
    }

    /// As long as the longest PIN, so that neither time nor a stored PIN tells its length.
    fileprivate static func padded(_ pin: String) -> [UInt8] {
        let bytes = pin.utf8.prefix(Limits.pin.upperBound)
        return Array(bytes) + Array(repeating: 0, count: Limits.pin.upperBound - bytes.count)
    }
}

/// Encrypts PINs, so that their owners can see them and a copy of the database shows none.
///
/// AES-GCM with the room's id as associated data: a stored PIN can't be moved to another room.
struct PINVault: Sendable {
    /// The first byte of what is stored says how it was made.
    private static let version: UInt8 = 1

    enum Problem: Error {
        /// It was encrypted under another key or for another room, or was damaged.
        case unreadable
    }

    private let key: SymmetricKey
    private let fingerprintKey: SymmetricKey

    /// - Parameter secret: At least 32 bytes.
    init(secret: [UInt8]) {
        key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: secret), info: Data("parley pin v1".utf8), outputByteCount: 32)
        fingerprintKey = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: secret), info: Data("parley pin fingerprint v1".utf8),
            outputByteCount: 32)
    }

    func seal(_ pin: String, room: RoomID) throws -> [UInt8] {
        let box = try AES.GCM.seal(RoomPIN.padded(pin), using: key, authenticating: Data(room.rawValue.utf8))
        guard let combined = box.combined else { throw Problem.unreadable }
        return [Self.version] + combined
    }

    /// Stands for the PIN of a room, and stays as it is when the same PIN is sealed again, so that guesses at a former one do not
    /// count for a new one; where there is no room, for the alias. Colleagues are known and have a budget of their own, so that
    /// strangers can't shut them out. Without the key it tells nothing.
    func budgetKey(pin: String?, room: RoomID?, alias: String, isColleague: Bool) -> [UInt8] {
        let text =
            if let pin, let room { "\(room) \(pin)\(isColleague ? " colleagues" : "")" } else { "nowhere \(alias)" }
        return Array(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: fingerprintKey).prefix(16))
    }

    /// Nothing when there is none, or when it can't be read any more: a lost key must not make rooms unmanageable.
    func readablePIN(of room: Room) -> String? {
        room.sealedPIN.flatMap { try? open($0, room: room.id) }
    }

    func open(_ sealed: [UInt8], room: RoomID) throws -> String {
        guard sealed.first == Self.version,
            let box = try? AES.GCM.SealedBox(combined: sealed.dropFirst()),
            let bytes = try? AES.GCM.open(box, using: key, authenticating: Data(room.rawValue.utf8))
        else { throw Problem.unreadable }
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}
