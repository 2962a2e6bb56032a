import CLDAP

extension LDAPPerson {
    /// - Parameter typed: the user name as it was typed.
    /// - Throws: `protocol` if the entry has not exactly one identifier.
    init(
        _ entry: LDAPEntry, typed: String, _ attributes: LDAPSettings.Attributes, foundGroups: [String]
    ) throws(LDAPError) {
        let identifiers = entry.bytes(attributes.identifier)
        guard identifiers.count == 1, let identifier = identifiers.first, !identifier.isEmpty else {
            throw .protocol(
                code: Int(LDAP_NO_SUCH_ATTRIBUTE), message: "An entry must have one \(attributes.identifier).")
        }
        var seen: Set<String> = []
        let named = attributes.groups.map { entry.strings($0) } ?? []
        self.init(
            dn: entry.dn,
            identifier: Self.text(identifier, of: attributes.identifier),
            userName: Self.userName(entry, typed: typed, attributes),
            displayName: (entry.strings(attributes.displayName) + entry.strings("cn")).first,
            email: entry.strings(attributes.email).first,
            groups: (named + foundGroups).filter { seen.insert($0.lowercased()).inserted })
    }

    /// Attributes whose values are bytes, though by chance these may be letters.
    private static let binary: Set<String> = ["objectguid", "objectsid", "ms-ds-consistencyguid", "guid"]

    private static func text(_ bytes: [UInt8], of attribute: String) -> String {
        guard !binary.contains(attribute.lowercased()), !bytes.contains(where: { $0 < 0x20 || $0 == 0x7f }),
            let text = String(validating: bytes, as: UTF8.self)
        else { return Hexadecimal.string(bytes) }
        return text
    }

    /// Of several values the one that was typed, but as the directory writes it.
    private static func userName(
        _ entry: LDAPEntry, typed: String, _ attributes: LDAPSettings.Attributes
    ) -> String {
        for attribute in attributes.userNames {
            let values = entry.strings(attribute)
            let same = values.first { $0.lowercased() == typed.lowercased() }
            if let name = same ?? values.first { return name }
        }
        return typed
    }
}

extension LDAPSettings.Attributes {
    fileprivate var userNames: [String] { userName.map { [$0] } ?? ["uid", "sAMAccountName"] }

    /// Which a server is asked for.
    var all: [String] {
        var seen: Set<String> = []
        let names = userNames + [displayName, "cn", email, identifier] + (groups.map { [$0] } ?? [])
        return names.filter { seen.insert($0.lowercased()).inserted }
    }
}

extension LDAPConnection.Reply {
    /// The server does not let somebody in, for whatever reason: the password is wrong, there is no such entry or no
    /// password for it, or it is locked, which is 19 and 53 with some servers.
    var isRefusal: Bool {
        [
            LDAP_INVALID_CREDENTIALS, LDAP_INAPPROPRIATE_AUTH, LDAP_NO_SUCH_OBJECT, LDAP_CONSTRAINT_VIOLATION,
            LDAP_UNWILLING_TO_PERFORM,
        ].contains(code)
    }

    var error: LDAPError {
        switch code {
        case LDAP_BUSY, LDAP_UNAVAILABLE: .unreachable(message)
        case LDAP_TIMELIMIT_EXCEEDED: .timedOut
        default: .protocol(code: Int(code), message: message)
        }
    }

    func demandSuccess() throws(LDAPError) {
        guard code == LDAP_SUCCESS else { throw error }
    }
}
