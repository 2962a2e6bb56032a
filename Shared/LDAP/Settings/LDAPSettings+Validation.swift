import Foundation

extension LDAPSettings {
    /// What is wrong with the settings of a directory.
    public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        /// As in the settings, with dots, for example `search.filter`.
        public var field: String
        /// A sentence for the administrator.
        public var message: String

        public var description: String { "\(field): \(message)" }
    }

    /// Finds what can be seen without asking the server; that is `LDAPAuthenticator.check()`.
    /// - Throws: the first problem.
    public func validate() throws(Problem) {
        _ = try LDAPDirectory(self)
    }
}

extension LDAPDirectory {
    /// - Throws: the first problem of the settings.
    init(_ settings: LDAPSettings) throws(LDAPSettings.Problem) {
        guard let address = LDAPAddress(url: settings.url) else {
            throw .init(field: "url", message: "Must be ldap:// or ldaps:// with a host and perhaps a port.")
        }
        guard !address.isEncrypted || !settings.startTLS else {
            throw .init(field: "startTLS", message: "ldaps:// is encrypted already.")
        }
        guard address.isEncrypted || settings.startTLS || address.isLoopback else {
            throw .init(field: "url", message: "Passwords would be sent in clear. Use ldaps:// or StartTLS.")
        }
        self.address = address
        startTLS = settings.startTLS
        certificateAuthorities = try Self.checked(certificateAuthorities: settings.certificateAuthorities)
        way = try Self.way(settings)
        attributes = try Self.checked(settings.attributes)
        groupSearch = try Self.groupSearch(settings.groupSearch)
    }

    private static func way(_ settings: LDAPSettings) throws(LDAPSettings.Problem) -> Way {
        guard let userDN = settings.userDN else {
            guard let search = settings.search else {
                throw .init(field: "search", message: "Either search or userDN is needed.")
            }
            return .search(try Self.search(search), as: try Self.account(search))
        }
        let name = LDAPTemplate(userDN)
        guard name.count(.userName) == 1, name.count(.personDN) == 0, isPlain(userDN) else {
            throw .init(field: "userDN", message: "Must have one %s for the user name, and no %d.")
        }
        if userDN.contains("=") {
            guard LDAPName.isWellFormed(name.filled { _ in "x" }) else {
                throw .init(field: "userDN", message: "Is no distinguished name.")
            }
            guard settings.search == nil else {
                throw .init(field: "search", message: "Is not needed with a userDN that is a distinguished name.")
            }
            return .entry(name)
        }
        guard let search = settings.search else {
            throw .init(field: "search", message: "A userDN that is no distinguished name needs a search as well.")
        }
        guard search.bindDN == nil, search.bindPassword == nil else {
            throw .init(field: "search.bindDN", message: "With userDN people search for themselves.")
        }
        return .ownName(name, try Self.search(search))
    }

    private static func search(_ search: LDAPSettings.Search) throws(LDAPSettings.Problem) -> PersonSearch {
        guard LDAPName.isWellFormed(search.base), isPlain(search.base) else {
            throw .init(field: "search.base", message: "Must be a distinguished name, such as dc=example,dc=org.")
        }
        let filter = LDAPTemplate(search.filter)
        guard filter.count(.userName) >= 1, filter.count(.personDN) == 0 else {
            throw .init(field: "search.filter", message: "Must have %s for the user name, and no %d.")
        }
        guard LDAPFilter.isPlausible(filter.filled { _ in "x" }), isPlain(search.filter) else {
            throw .init(field: "search.filter", message: "Must be one expression in balanced parentheses.")
        }
        return PersonSearch(base: search.base, filter: filter)
    }

    private static func account(_ search: LDAPSettings.Search) throws(LDAPSettings.Problem) -> Account? {
        guard let name = search.bindDN else {
            guard search.bindPassword == nil else {
                throw .init(field: "search.bindDN", message: "Is missing, though there is a password for it.")
            }
            return nil
        }
        // Active Directory also takes names that are no distinguished ones.
        guard !name.isEmpty, isPlain(name) else {
            throw .init(field: "search.bindDN", message: "Must not be empty or hold control characters.")
        }
        guard let password = search.bindPassword, Password.canBeSent(password) else {
            throw .init(field: "search.bindPassword", message: "Is missing, too long, or holds a NUL.")
        }
        return Account(name: name, password: password)
    }

    private static func groupSearch(
        _ search: LDAPSettings.GroupSearch?
    ) throws(LDAPSettings.Problem) -> PersonSearch? {
        guard let search else { return nil }
        guard LDAPName.isWellFormed(search.base), isPlain(search.base) else {
            throw .init(field: "groupSearch.base", message: "Must be a distinguished name.")
        }
        let filter = LDAPTemplate(search.filter)
        guard filter.count(.personDN) + filter.count(.userName) >= 1 else {
            throw .init(field: "groupSearch.filter", message: "Must have %d for the person's DN, or %s.")
        }
        guard LDAPFilter.isPlausible(filter.filled { _ in "x" }), isPlain(search.filter) else {
            throw .init(field: "groupSearch.filter", message: "Must be one expression in balanced parentheses.")
        }
        return PersonSearch(base: search.base, filter: filter)
    }

    private static func checked(
        _ attributes: LDAPSettings.Attributes
    ) throws(LDAPSettings.Problem) -> LDAPSettings.Attributes {
        let names: [(field: String, name: String?)] = [
            ("userName", attributes.userName), ("displayName", attributes.displayName), ("email", attributes.email),
            ("identifier", attributes.identifier), ("groups", attributes.groups),
        ]
        for (field, name) in names {
            guard let name else { continue }
            guard isAttribute(name) else {
                throw .init(field: "attributes.\(field)", message: "Must be a name of letters, digits and hyphens.")
            }
        }
        return attributes
    }

    private static func checked(certificateAuthorities text: String?) throws(LDAPSettings.Problem) -> String? {
        guard let text else { return nil }
        func refused(_ message: String) -> LDAPSettings.Problem {
            .init(field: "certificateAuthorities", message: message)
        }
        guard text.utf8.count <= 1024 * 1024 else { throw refused("Must be 1 MiB at most.") }
        guard !text.contains("PRIVATE KEY") else { throw refused("Holds a private key, which must not be here.") }
        let (start, end) = ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----")
        let blocks = text.components(separatedBy: start).dropFirst()
        guard !blocks.isEmpty else { throw refused("Must be certificates in PEM.") }
        for block in blocks {
            let body = block.components(separatedBy: end)
            guard body.count == 2, let bytes = Data(base64Encoded: body[0], options: .ignoreUnknownCharacters),
                bytes.first == 0x30
            else { throw refused("Holds a damaged certificate.") }
        }
        return text
    }

    /// An attribute description of RFC 4512 section 2.5, without options.
    private static func isAttribute(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 100
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }

    /// Without characters that C or a log would stumble over.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.count <= 2000 && !text.utf8.contains { $0 < 0x20 || $0 == 0x7f }
    }
}
