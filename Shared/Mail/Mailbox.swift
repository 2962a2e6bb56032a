/// Where mail goes to or comes from. It holds only what can stand in a header and in an SMTP command as it is.
public struct Mailbox: Hashable, Sendable {
    /// RFC 5321, 4.5.3.1: 256 octets with the angle brackets.
    private static let limit = 254
    private static let localLimit = 64

    /// `local@domain`, in ASCII; the domain in lower case.
    public let address: String
    /// The person's name, which may be any text.
    public var name: String?

    /// - Parameter address: a dot-atom of ASCII, `@`, and a domain name. Quoted local parts, comments, address literals and
    ///   domains outside ASCII are not taken.
    /// - Returns: `nil` when it is no such address.
    public init?(_ address: String, name: String? = nil) {
        guard address.utf8.count <= Self.limit else { return nil }
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, Self.isDotAtom(parts[0]), Self.isDomain(parts[1]) else { return nil }
        self.address = "\(parts[0])@\(parts[1].lowercased())"
        self.name = name
    }

    /// As an operator writes it: `name@example.org` or `Parley <name@example.org>`.
    public init?(text: String) {
        guard let start = text.lastIndex(of: "<") else {
            self.init(text.trimmed)
            return
        }
        guard text.trimmed.hasSuffix(">") else { return nil }
        let name = text[..<start].trimmed.trimming { $0 == "\"" }
        let address = text[text.index(after: start)...].trimmed.dropLast()
        self.init(String(address), name: name.isEmpty ? nil : name)
    }

    public var domain: String { String(address.drop { $0 != "@" }.dropFirst()) }

    private static func isDotAtom(_ text: Substring) -> Bool {
        guard (1...localLimit).contains(text.utf8.count) else { return false }
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { atom in
            !atom.isEmpty && atom.utf8.allSatisfy { isAlphanumeric($0) || special.contains($0) }
        }
    }

    private static let special = Set("!#$%&'*+-/=?^_`{|}~".utf8)

    /// The last label is no number, so that no IPv4 address is taken for a name.
    private static func isDomain(_ text: Substring) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard let last = labels.last, !last.utf8.allSatisfy(isDigit) else { return false }
        return labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}

extension StringProtocol {
    fileprivate var trimmed: String { trimming { $0.isWhitespace } }

    fileprivate func trimming(_ isOuter: (Character) -> Bool) -> String {
        String(drop(while: isOuter).reversed().drop(while: isOuter).reversed())
    }
}
