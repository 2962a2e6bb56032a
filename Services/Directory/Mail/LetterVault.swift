import Crypto
import Foundation

/// Encrypts letters that wait: a copy of the database shows no PIN, which may stand in them.
///
/// AES-GCM with the mail's id as associated data, under a key of its own that is derived from the key of PINs.
struct LetterVault: Sendable {
    private static let version: UInt8 = 1

    private let key: SymmetricKey

    /// - Parameter secret: At least 32 bytes.
    init(secret: [UInt8]) {
        key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: secret), info: Data("parley mail v1".utf8), outputByteCount: 32)
    }

    func seal(_ letter: Letter, mail: UUID) throws -> [UInt8] {
        let box = try AES.GCM.seal(try JSONEncoder().encode(letter), using: key, authenticating: Self.name(mail))
        guard let combined = box.combined else { throw PINVault.Problem.unreadable }
        return [Self.version] + combined
    }

    func open(_ sealed: [UInt8], mail: UUID) throws -> Letter {
        guard sealed.first == Self.version,
            let box = try? AES.GCM.SealedBox(combined: sealed.dropFirst()),
            let bytes = try? AES.GCM.open(box, using: key, authenticating: Self.name(mail))
        else { throw PINVault.Problem.unreadable }
        return try JSONDecoder().decode(Letter.self, from: bytes)
    }

    private static func name(_ mail: UUID) -> Data { Data(mail.uuidString.lowercased().utf8) }
}
