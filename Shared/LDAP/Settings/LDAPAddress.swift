import Foundation

/// Where a directory listens.
struct LDAPAddress: Hashable, Sendable {
    /// A name or an address, without brackets.
    let host: String
    let port: Int
    /// Encrypted from the first byte on.
    let isEncrypted: Bool

    /// - Returns: `nil` unless it is `ldap://host`, `ldaps://host` or one of them with a port, with nothing behind it
    ///   but one slash. A name of letters of other alphabets must be in its ASCII form.
    init?(url: String) {
        guard let separator = url.range(of: "://") else { return nil }
        switch url[..<separator.lowerBound].lowercased() {
        case "ldap": isEncrypted = false
        case "ldaps": isEncrypted = true
        default: return nil
        }
        var place = url[separator.upperBound...]
        if place.hasSuffix("/") { place.removeLast() }
        guard let (host, port) = Self.split(place) else { return nil }
        self.host = host
        guard let port else {
            self.port = isEncrypted ? 636 : 389
            return
        }
        guard let number = Int(port), port.allSatisfy(\.isNumber), (1...65_535).contains(number) else { return nil }
        self.port = number
    }

    /// For libldap, which takes from it the name that the server's certificate must have. Always `ldap:`, because
    /// encryption is begun apart.
    var plainURL: String { host.contains(":") ? "ldap://[\(host)]:\(port)" : "ldap://\(host):\(port)" }

    /// Whether nothing that is sent there leaves the machine.
    var isLoopback: Bool {
        if host.lowercased() == "localhost" { return true }
        var six = in6_addr()
        if inet_pton(AF_INET6, host, &six) == 1 {
            return withUnsafeBytes(of: six) { $0.dropLast().allSatisfy { $0 == 0 } && $0.last == 1 }
        }
        var four = in_addr()
        return inet_pton(AF_INET, host, &four) == 1 && UInt32(bigEndian: four.s_addr) >> 24 == 127
    }

    private static func split(_ place: Substring) -> (host: String, port: Substring?)? {
        if place.first == "[" {
            guard let end = place.firstIndex(of: "]") else { return nil }
            let host = String(place[place.index(after: place.startIndex)..<end])
            let rest = place[place.index(after: end)...]
            var address = in6_addr()
            guard inet_pton(AF_INET6, host, &address) == 1, rest.isEmpty || rest.first == ":" else { return nil }
            return (host, rest.isEmpty ? nil : rest.dropFirst())
        }
        let parts = place.split(separator: ":", omittingEmptySubsequences: false)
        guard let host = parts.first, !host.isEmpty, host.utf8.count <= 253, parts.count <= 2 else { return nil }
        let isName = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        return isName ? (String(host), parts.count == 2 ? parts[1] : nil) : nil
    }
}
