import CLDAP
import TestSupport

/// The values of a distinguished name, as libldap reads it.
struct Parts {
    private(set) var values: [String] = []

    init(_ name: String) throws {
        var parsed: LDAPDN?
        guard ldap_str2dn(name, &parsed, UInt32(LDAP_DN_FORMAT_LDAPV3)) == LDAP_SUCCESS, let parsed else {
            throw TestServerError("\(name) is no distinguished name")
        }
        defer { ldap_dnfree(parsed) }
        var part = parsed
        while let first = part.pointee {
            var attribute = first
            while let assertion = attribute.pointee {
                let value = assertion.pointee.la_value
                let bytes = UnsafeRawBufferPointer(start: value.bv_val, count: Int(value.bv_len))
                values.append(String(decoding: bytes, as: UTF8.self))
                attribute += 1
            }
            part += 1
        }
    }
}
