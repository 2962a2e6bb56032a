/// Somebody whom the directory knows and who gave the right password.
public struct LDAPPerson: Hashable, Sendable {
    /// The distinguished name. It changes when the person is renamed or moves to another unit.
    public var dn: String
    /// What stays the same for as long as the person is in the directory, by default `entryUUID`. Binary values, such
    /// as Active Directory's `objectGUID`, are lower-case hexadecimal digits.
    public var identifier: String
    /// As the directory writes it; what was typed, where the directory has none.
    public var userName: String
    public var displayName: String?
    public var email: String?
    /// Distinguished names of groups, each once, in the order of the directory.
    public var groups: [String]

    public init(
        dn: String, identifier: String, userName: String, displayName: String? = nil, email: String? = nil,
        groups: [String] = []
    ) {
        self.dn = dn
        self.identifier = identifier
        self.userName = userName
        self.displayName = displayName
        self.email = email
        self.groups = groups
    }
}
