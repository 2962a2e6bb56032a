/// Search filters of LDAP (RFC 4515).
public enum LDAPFilter {
    /// What somebody typed, as a value inside a filter: it can neither end the value nor be a wildcard.
    ///
    /// RFC 4515 section 3 demands it for NUL, `(`, `)`, `*` and `\`. Other control characters are escaped as well,
    /// because servers write filters into logs. Everything else stays as it is, in UTF-8.
    public static func escaped(_ value: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(value.utf8.count)
        for byte in value.utf8 {
            switch byte {
            case 0..<0x20, 0x7f, UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "*"), UInt8(ascii: "\\"):
                bytes += Hexadecimal.escape(byte)
            default:
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether this can be a filter at all: one expression in parentheses, which are balanced. Whether a server
    /// understands what is in them, only the server knows.
    static func isPlausible(_ filter: String) -> Bool {
        guard filter.utf8.first == UInt8(ascii: "("), filter.utf8.count > 2 else { return false }
        var depth = 0
        for (position, byte) in filter.utf8.enumerated() {
            if byte == UInt8(ascii: "(") { depth += 1 }
            if byte == UInt8(ascii: ")") { depth -= 1 }
            // Only the last character closes the first one.
            guard depth > 0 || (depth == 0 && position == filter.utf8.count - 1) else { return false }
        }
        return depth == 0
    }
}
