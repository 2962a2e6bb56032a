import COpenSSL
import Foundation
import ParleyProtocol

/// A password in the form that is hashed: UTF-8 of its canonical composition (NFC), so that every keyboard's way to type
/// `ü` is the same password. It is never shortened; a NUL is a byte like any other.
public struct Password: Sendable, CustomStringConvertible {
    let bytes: [UInt8]

    /// For a directory, which does its own hashing.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// - Throws: when it has not 1 to 1024 bytes.
    public init(_ text: String) throws(InputProblem) {
        bytes = Array(text.precomposedStringWithCanonicalMapping.utf8)
        guard Limits.passwordBytes.contains(bytes.count) else {
            throw InputProblem(
                "The password must have \(Limits.passwordBytes.lowerBound) to \(Limits.passwordBytes.upperBound) bytes."
            )
        }
    }

    /// Hidden, because values end up in logs.
    public var description: String { "Password" }
}

/// What deriving a key costs: scrypt with N = 2^`logN` (RFC 7914).
struct ScryptCost: Hashable, Sendable {
    var logN: Int
    var blockSize: Int
    var parallelism: Int

    /// OWASP's choice of 32 MiB per hash: N = 2^15, r = 8, p = 3.
    static func standard(logN: Int = 15) -> ScryptCost { ScryptCost(logN: logN, blockSize: 8, parallelism: 3) }

    /// Bounds of what is believed in a stored hash: at most 1 GiB with r = 8.
    var isSane: Bool { (1...20).contains(logN) && (1...32).contains(blockSize) && (1...16).contains(parallelism) }

    /// Bytes that one derivation holds at once.
    var memory: Int { 128 * blockSize << logN }

    /// Whether a guess against this is cheaper, in memory or in time, than against `other`.
    func isWeaker(than other: ScryptCost) -> Bool {
        memory < other.memory || memory * parallelism < other.memory * other.parallelism
    }
}

/// A stored password: `$scrypt$ln=15,r=8,p=3$salt$key`, salt and key in base64 without padding (PHC string format).
struct PasswordHash: Hashable, Sendable {
    static let saltLength = 16
    static let keyLength = 32

    let cost: ScryptCost
    let salt: [UInt8]
    let key: [UInt8]

    /// Hashes with a fresh salt. Takes long: never on an event loop or the cooperative pool.
    init(_ password: Password, cost: ScryptCost) throws(ScryptError) {
        self.cost = cost
        salt = .random(count: Self.saltLength)
        key = try Scrypt.derive(password.bytes, salt: salt, cost: cost, length: Self.keyLength)
    }

    private init(cost: ScryptCost, salt: [UInt8], key: [UInt8]) {
        self.cost = cost
        self.salt = salt
        self.key = key
    }

    /// No password's hash: comparing with it costs the same as with a real one and never succeeds.
    static func dummy(cost: ScryptCost) -> PasswordHash {
        PasswordHash(cost: cost, salt: .random(count: saltLength), key: .random(count: keyLength))
    }

    /// Takes as long as hashing; compares in constant time.
    func matches(_ password: Password) throws(ScryptError) -> Bool {
        let derived = try Scrypt.derive(password.bytes, salt: salt, cost: cost, length: key.count)
        return CRYPTO_memcmp(derived, key, key.count) == 0
    }
}

extension PasswordHash {
    var text: String {
        "$scrypt$ln=\(cost.logN),r=\(cost.blockSize),p=\(cost.parallelism)$\(salt.unpaddedBase64)$\(key.unpaddedBase64)"
    }

    /// - Returns: nil for anything else than the text of a hash within bounds.
    init?(text: String) {
        let fields = text.split(separator: "$", omittingEmptySubsequences: false)
        guard fields.count == 5, fields[0].isEmpty, fields[1] == "scrypt" else { return nil }
        let names = ["ln=", "r=", "p="]
        let pairs = fields[2].split(separator: ",", omittingEmptySubsequences: false)
        let numbers = zip(pairs, names).compactMap { pair, name in
            pair.hasPrefix(name) ? Int(pair.dropFirst(name.count)) : nil
        }
        guard pairs.count == names.count, numbers.count == names.count else { return nil }
        let cost = ScryptCost(logN: numbers[0], blockSize: numbers[1], parallelism: numbers[2])
        guard cost.isSane,
            let salt = [UInt8](unpaddedBase64: fields[3]), (8...64).contains(salt.count),
            let key = [UInt8](unpaddedBase64: fields[4]), (16...64).contains(key.count)
        else { return nil }
        self.init(cost: cost, salt: salt, key: key)
    }
}

extension [UInt8] {
    /// Bytes of the system's cryptographic random generator.
    static func random(count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    fileprivate var unpaddedBase64: String {
        Data(self).base64EncodedString().replacing("=", with: "")
    }

    fileprivate init?(unpaddedBase64 text: Substring) {
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: text + padding) else { return nil }
        self = [UInt8](data)
    }
}
