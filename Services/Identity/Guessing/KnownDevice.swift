import Crypto
import Foundation
import Hummingbird
import ParleyProtocol
import ServiceKit

/// A browser in which somebody has signed in before. Who guesses from elsewhere does not lock it out.
///
/// The cookie holds a random number and, for each of the last accounts, a mark that only this cluster can make of both
/// (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").
struct KnownDevice: Hashable, Sendable {
    /// How many accounts of one browser are remembered.
    static let accounts = 4
    private static let numberLength = 16
    private static let markLength = 16

    let number: [UInt8]
    private(set) var marks: [[UInt8]]

    init() {
        number = .random(count: Self.numberLength)
        marks = []
    }

    /// - Returns: nil for anything else than the text of one.
    init?(text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let decoded = parts.compactMap { [UInt8](base64URL: String($0)) }
        guard parts.count <= Self.accounts + 1, decoded.count == parts.count, let number = decoded.first,
            number.count == Self.numberLength, decoded.dropFirst().allSatisfy({ $0.count == Self.markLength })
        else { return nil }
        self.number = number
        marks = Array(decoded.dropFirst())
    }

    var text: String { ([number] + marks).map(\.base64URL).joined(separator: ".") }

    /// Under which its guesses are counted.
    var key: String { number.base64URL }

    func isKnown(to account: AccountID, key: DeviceKey) -> Bool {
        let mark = key.mark(number, account)
        return marks.contains { $0.isEqualInConstantTime(to: mark) }
    }

    /// The one used last comes first.
    mutating func note(_ account: AccountID, key: DeviceKey) {
        let mark = key.mark(number, account)
        marks = Array(([mark] + marks.filter { $0 != mark }).prefix(Self.accounts))
    }

    /// What makes marks.
    struct DeviceKey: Sendable {
        private let key: SymmetricKey

        init(clusterSecret: [UInt8]) {
            key = SymmetricKey(data: ClusterKey.derive(clusterSecret, purpose: "parley known device v1"))
        }

        fileprivate func mark(_ number: [UInt8], _ account: AccountID) -> [UInt8] {
            let text = Data(number) + Data(account.rawValue.utf8)
            return Array(HMAC<SHA256>.authenticationCode(for: text, using: key).prefix(KnownDevice.markLength))
        }
    }
}

/// Kept for `Limits.knownDevice` seconds; it gives access to nothing.
enum DeviceCookie {
    static let name = "__Host-parley-device"

    static func device(of request: Request) -> KnownDevice? {
        request.cookies[name].flatMap { KnownDevice(text: $0.value) }
    }

    static func cookie(_ device: KnownDevice) -> Cookie {
        Cookie(
            name: name, value: device.text, maxAge: Limits.knownDevice, path: "/", secure: true, httpOnly: true,
            sameSite: .lax)
    }
}
