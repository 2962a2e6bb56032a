import CLDAP
import Foundation

/// Owns one chain of messages of libldap.
struct LDAPResult: ~Copyable {
    let message: OpaquePointer

    init(owning message: OpaquePointer) {
        self.message = message
    }

    deinit {
        ldap_msgfree(message)
    }
}

/// What a search has found, copied out of libldap's memory.
struct LDAPEntry: Hashable, Sendable {
    let dn: String
    /// By lower-case name, because names of attributes have no case (RFC 4512 section 2.5).
    private let values: [String: [[UInt8]]]

    init(dn: String, values: [String: [[UInt8]]]) {
        self.dn = dn
        self.values = Dictionary(uniqueKeysWithValues: values.map { ($0.key.lowercased(), $0.value) })
    }

    func bytes(_ attribute: String) -> [[UInt8]] {
        values[attribute.lowercased()] ?? []
    }

    /// Values that are UTF-8 and not empty.
    func strings(_ attribute: String) -> [String] {
        bytes(attribute).compactMap { String(validating: $0, as: UTF8.self) }.filter { !$0.isEmpty }
    }

    /// Entries without a name, which no bind could tell from nobody, are left out; so are references to other servers.
    static func all(in result: borrowing LDAPResult, _ handle: OpaquePointer, attributes: [String]) -> [LDAPEntry] {
        var entries: [LDAPEntry] = []
        var next = ldap_first_entry(handle, result.message)
        while let entry = next {
            if let name = ldap_get_dn(handle, entry) {
                let dn = String(cString: name)
                ldap_memfree(name)
                if !dn.isEmpty { entries.append(LDAPEntry(dn: dn, values: values(of: entry, handle, attributes))) }
            }
            next = ldap_next_entry(handle, entry)
        }
        return entries
    }

    private static func values(
        of entry: OpaquePointer, _ handle: OpaquePointer, _ attributes: [String]
    ) -> [String: [[UInt8]]] {
        var found: [String: [[UInt8]]] = [:]
        for attribute in attributes {
            guard let list = ldap_get_values_len(handle, entry, attribute) else { continue }
            defer { ldap_value_free_len(list) }
            found[attribute.lowercased()] = (0..<Int(ldap_count_values_len(list))).compactMap { index in
                guard let value = list[index] else { return nil }
                let length = Int(value.pointee.bv_len)
                return Array(UnsafeRawBufferPointer(start: value.pointee.bv_val, count: length))
            }
        }
        return found
    }
}

/// Calls `body` with a null-terminated array of C strings, which live until it returns.
func withCStrings<Value>(
    _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> Value
) -> Value {
    var copies = strings.map { strdup($0) } + [nil]
    defer { for copy in copies { free(copy) } }
    return copies.withUnsafeMutableBufferPointer { body($0.baseAddress) }
}
