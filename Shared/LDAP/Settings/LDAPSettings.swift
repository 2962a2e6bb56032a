/// How people of an organization are found in its directory. An administrator writes these; `validate()` says what is
/// wrong with them.
///
/// People sign in by one of three ways:
/// - `search` alone: an account that may search, or nobody in particular, looks for the person, whose entry is then
///   bound with the password (RFC 4513 section 5.1.3). This is the usual way.
/// - `userDN` alone, such as `uid=%s,ou=people,dc=example,dc=org`: the person's entry has a name that can be built.
/// - both, with a `userDN` that is no distinguished name, such as `%s@corp.example` for Active Directory: people look
///   for themselves, and no further account is needed.
///
/// In JSON everything but `url` may be missing. Holds a password: its description and its mirror do not show it.
public struct LDAPSettings: Hashable, Sendable {
    /// `ldap://host`, `ldaps://host` or one of them with a port; else it is 389 or 636. The server's certificate must
    /// be for this host, or for the name of this machine if it is `localhost`, which is a peculiarity of libldap.
    public var url: String
    /// Encrypts a connection of `ldap://` before anything else is said (RFC 4511 section 4.14). Without it `ldap://` is
    /// only for a server on the same machine.
    public var startTLS: Bool
    /// PEM text of the certificates that may have signed the server's; `nil` for those that the system trusts.
    public var certificateAuthorities: String?
    /// The name by which a person binds, with one `%s` for the user name.
    public var userDN: String?
    public var search: Search?
    public var attributes: Attributes
    /// Where groups are found that an entry doesn't name itself.
    public var groupSearch: GroupSearch?

    public init(
        url: String, startTLS: Bool = false, certificateAuthorities: String? = nil, userDN: String? = nil,
        search: Search? = nil, attributes: Attributes = Attributes(), groupSearch: GroupSearch? = nil
    ) {
        self.url = url
        self.startTLS = startTLS
        self.certificateAuthorities = certificateAuthorities
        self.userDN = userDN
        self.search = search
        self.attributes = attributes
        self.groupSearch = groupSearch
    }

    /// How a person is found by user name.
    public struct Search: Hashable, Sendable {
        public static let defaultFilter = "(|(uid=%s)(sAMAccountName=%s))"

        /// Searched with everything below it.
        public var base: String
        /// RFC 4515, with `%s` for the user name.
        public var filter: String
        /// The account that searches; `nil` if the directory lets everybody search.
        public var bindDN: String?
        public var bindPassword: String?

        public init(
            base: String, filter: String = Self.defaultFilter, bindDN: String? = nil, bindPassword: String? = nil
        ) {
            self.base = base
            self.filter = filter
            self.bindDN = bindDN
            self.bindPassword = bindPassword
        }
    }

    /// Which attributes of an entry say what. `nil` and names that an entry has not are no error, but for `identifier`.
    public struct Attributes: Hashable, Sendable {
        /// `nil` for `uid`, else `sAMAccountName`.
        public var userName: String?
        /// Where an entry has none, `cn` is taken.
        public var displayName: String
        public var email: String
        /// Never changes, and is never given to somebody else: `entryUUID` (RFC 4530), `objectGUID` with Active
        /// Directory. An entry must have exactly one.
        public var identifier: String
        /// Distinguished names of groups.
        public var groups: String?

        public init(
            userName: String? = nil, displayName: String = "displayName", email: String = "mail",
            identifier: String = "entryUUID", groups: String? = "memberOf"
        ) {
            self.userName = userName
            self.displayName = displayName
            self.email = email
            self.identifier = identifier
            self.groups = groups
        }
    }

    /// How the groups of a person are found; at most `LDAPLimits.groups` of them.
    public struct GroupSearch: Hashable, Sendable {
        public static let defaultFilter = "(&(objectClass=groupOfNames)(member=%d))"

        public var base: String
        /// RFC 4515, with `%d` for the person's distinguished name or `%s` for the user name.
        public var filter: String

        public init(base: String, filter: String = Self.defaultFilter) {
            self.base = base
            self.filter = filter
        }
    }
}

extension LDAPSettings: CustomStringConvertible, CustomReflectable {
    public var description: String { "the directory at \(url)" }
    public var customMirror: Mirror { Mirror(self, children: ["url": url]) }
}

extension LDAPSettings.Search: CustomStringConvertible, CustomReflectable {
    public var description: String { "search below \(base)" }
    public var customMirror: Mirror { Mirror(self, children: ["base": base, "filter": filter]) }
}

extension LDAPSettings: Codable {
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            url: try values.decode(String.self, forKey: .url),
            startTLS: try values.decodeIfPresent(Bool.self, forKey: .startTLS) ?? false,
            certificateAuthorities: try values.decodeIfPresent(String.self, forKey: .certificateAuthorities),
            userDN: try values.decodeIfPresent(String.self, forKey: .userDN),
            search: try values.decodeIfPresent(Search.self, forKey: .search),
            attributes: try values.decodeIfPresent(Attributes.self, forKey: .attributes) ?? Attributes(),
            groupSearch: try values.decodeIfPresent(GroupSearch.self, forKey: .groupSearch))
    }
}

extension LDAPSettings.Search: Codable {
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            base: try values.decode(String.self, forKey: .base),
            filter: try values.decodeIfPresent(String.self, forKey: .filter) ?? Self.defaultFilter,
            bindDN: try values.decodeIfPresent(String.self, forKey: .bindDN),
            bindPassword: try values.decodeIfPresent(String.self, forKey: .bindPassword))
    }
}

extension LDAPSettings.Attributes: Codable {
    /// A missing `groups` is `memberOf`; one that is `null` is none.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let standard = Self()
        self.init(
            userName: try values.decodeIfPresent(String.self, forKey: .userName),
            displayName: try values.decodeIfPresent(String.self, forKey: .displayName) ?? standard.displayName,
            email: try values.decodeIfPresent(String.self, forKey: .email) ?? standard.email,
            identifier: try values.decodeIfPresent(String.self, forKey: .identifier) ?? standard.identifier,
            groups: values.contains(.groups)
                ? try values.decodeIfPresent(String.self, forKey: .groups) : standard.groups)
    }

    /// Writes `null` where there is no attribute for groups, so that it is read as such.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encodeIfPresent(userName, forKey: .userName)
        try values.encode(displayName, forKey: .displayName)
        try values.encode(email, forKey: .email)
        try values.encode(identifier, forKey: .identifier)
        try values.encode(groups, forKey: .groups)
    }

    private enum CodingKeys: String, CodingKey {
        case userName, displayName, email, identifier, groups
    }
}

extension LDAPSettings.GroupSearch: Codable {
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            base: try values.decode(String.self, forKey: .base),
            filter: try values.decodeIfPresent(String.self, forKey: .filter) ?? Self.defaultFilter)
    }
}
