import Crypto
import Foundation

/// Time-based one-time passwords (RFC 6238) as authenticators make them: SHA-1, 30 s, six digits.
struct TOTP: Hashable, Sendable {
    static let digits = 6
    /// Seconds.
    static let period = 30
    /// How many steps an authenticator's clock may be away, in either direction.
    static let tolerance = 1
    private static let secretLength = 20

    let secret: [UInt8]

    init() {
        secret = .random(count: Self.secretLength)
    }

    init(secret: [UInt8]) {
        self.secret = secret
    }

    /// The step that a time belongs to.
    static func step(at time: Date) -> Int64 {
        Int64(max(0, time.timeIntervalSince1970)) / Int64(period)
    }

    func code(step: Int64) -> String {
        let counter = withUnsafeBytes(of: step.bigEndian) { Data($0) }
        let mac = Array(
            HMAC<Insecure.SHA1>.authenticationCode(for: counter, using: SymmetricKey(data: secret)))
        // RFC 4226, 5.3: four bytes at a place that the last one names; there are 20.
        let offset = Int(mac[mac.count - 1] & 0x0F)
        let number = mac[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let text = String(number % 1_000_000)
        return String(repeating: "0", count: Self.digits - text.count) + text
    }

    /// The step whose code this is, if it is one of now and was not used yet.
    /// - Parameter last: the latest step whose code was used; each is good once (RFC 6238, 5.2).
    func step(of code: String, at time: Date, after last: Int64) -> Int64? {
        let now = Self.step(at: time)
        let typed = Self.plain(code)
        guard typed.count == Self.digits else { return nil }
        // All are compared, so that the time does not tell which.
        var found: Int64?
        for step in (now - Int64(Self.tolerance))...(now + Int64(Self.tolerance)) where step > last {
            if Array(self.code(step: step).utf8).isEqualInConstantTime(to: typed) { found = step }
        }
        return found
    }

    /// Without the space that authenticators show in the middle.
    private static func plain(_ code: String) -> [UInt8] {
        code.utf8.filter { $0 != UInt8(ascii: " ") }
    }
}

extension [UInt8] {
    /// Says nothing by the time it takes but whether the lengths differ.
    func isEqualInConstantTime(to other: [UInt8]) -> Bool {
        guard count == other.count else { return false }
        return zip(self, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
