import CLDAP

/// Distinguished names of LDAP (RFC 4514).
public enum LDAPName {
    /// What somebody typed, as the value of an attribute inside a distinguished name: it can neither end the value nor
    /// add a part to the name.
    ///
    /// RFC 4514 section 2.4 demands it for `"`, `+`, `,`, `;`, `<`, `>`, `\`, NUL, a `#` or space in front and a space
    /// at the end. `=` and other control characters are escaped as well, which it allows.
    public static func escaped(_ value: String) -> String {
        var bytes: [UInt8] = []
        let last = value.utf8.count - 1
        for (position, byte) in value.utf8.enumerated() {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "<"),
                UInt8(ascii: ">"), UInt8(ascii: "\\"), UInt8(ascii: "="):
                bytes += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: "#") where position == 0:
                bytes += [UInt8(ascii: "\\"), byte]
            case UInt8(ascii: " ") where position == 0 || position == last:
                bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20, 0x7f:
                bytes += Hexadecimal.escape(byte)
            default:
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether libldap can read this as a distinguished name, with one part at least.
    static func isWellFormed(_ name: String) -> Bool {
        var parsed: LDAPDN?
        guard ldap_str2dn(name, &parsed, UInt32(LDAP_DN_FORMAT_LDAPV3)) == LDAP_SUCCESS else { return false }
        guard let parsed else { return false }
        ldap_dnfree(parsed)
        return true
    }
}
