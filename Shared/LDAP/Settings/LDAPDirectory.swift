/// The settings of a directory, checked.
struct LDAPDirectory: Hashable, Sendable {
    /// How a person is found and the password checked.
    enum Way: Hashable, Sendable {
        /// The distinguished name of the person's entry is built.
        case entry(LDAPTemplate)
        /// People bind by a name of another kind, and look for their own entry then.
        case ownName(LDAPTemplate, PersonSearch)
        /// An account looks for the person, or nobody in particular.
        case search(PersonSearch, as: Account?)
    }

    struct PersonSearch: Hashable, Sendable {
        let base: String
        let filter: LDAPTemplate
    }

    /// Its description and its mirror do not show the password.
    struct Account: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
        let name: String
        let password: String

        var description: String { name }
        var customMirror: Mirror { Mirror(self, children: ["name": name]) }
    }

    let address: LDAPAddress
    let startTLS: Bool
    let certificateAuthorities: String?
    let way: Way
    let attributes: LDAPSettings.Attributes
    let groupSearch: PersonSearch?

    var isEncrypted: Bool { address.isEncrypted || startTLS }

    /// The account that searches, if there is one.
    var account: Account? {
        guard case .search(_, as: let account) = way else { return nil }
        return account
    }
}

/// Rules for what people type as a password.
enum Password {
    /// Whether it may be sent to a server.
    ///
    /// An empty one never is: with a name it is an "unauthenticated bind", which servers answer with success (RFC 4513
    /// section 5.1.2). Neither is one with a NUL, which a server written in C may take for an empty one.
    static func canBeSent(_ password: String) -> Bool {
        !password.isEmpty && password.utf8.count <= LDAPLimits.passwordBytes && !password.utf8.contains(0)
    }
}
