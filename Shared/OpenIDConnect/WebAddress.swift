import Foundation

/// A URL that a provider may be asked at: https, or http to loopback; without user, password and fragment.
struct WebAddress: Hashable, Sendable {
    /// As it was given.
    let text: String
    let hasQuery: Bool
    /// Plain http, which does not leave the machine.
    let isPlain: Bool

    /// Nothing when requests must not go there. At most 2 048 bytes.
    init?(_ text: String) {
        guard text.utf8.count <= 2_048, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let parts = URLComponents(string: text, encodingInvalidCharacters: false),
            let scheme = parts.scheme, let host = parts.encodedHost, !host.isEmpty, !host.contains("%"),
            parts.user == nil, parts.password == nil, parts.fragment == nil, (1...65_535).contains(parts.port ?? 443)
        else { return nil }
        switch scheme {
        case "https": isPlain = false
        case "http" where Self.isLoopback(host): isPlain = true
        default: return nil
        }
        self.text = text
        hasQuery = parts.percentEncodedQuery != nil
    }

    /// The same URL with more in its query.
    func adding(_ query: String) -> String {
        guard hasQuery else { return "\(text)?\(query)" }
        return text.hasSuffix("?") || text.hasSuffix("&") ? text + query : "\(text)&\(query)"
    }

    /// `localhost`, `[::1]` and 127.0.0.0/8, in no other spelling.
    private static func isLoopback(_ host: String) -> Bool {
        if ["localhost", "[::1]", "::1"].contains(host) { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers.first == "127"
            && numbers.allSatisfy { part in UInt8(part).map { String($0) == part } ?? false }
    }
}

/// `application/x-www-form-urlencoded`, as it stands in bodies, queries and client credentials.
enum FormText {
    /// Everything but letters, digits and `-._~` is written as `%` and two digits: all readers agree on that, also
    /// about `+`.
    static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default:
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func encode(_ fields: KeyValuePairs<String, String>) -> String {
        fields.map { "\(encode($0.key))=\(encode($0.value))" }.joined(separator: "&")
    }
}
