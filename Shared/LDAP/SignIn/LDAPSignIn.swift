import CLDAP
import Logging

/// One sign-in, from the connection to the groups. Everything here blocks.
struct LDAPSignIn {
    let directory: LDAPDirectory
    let limits: LDAPLimits
    let logger: Logger

    /// - Parameters: what a person typed; what can't be right has been sorted out.
    /// - Returns: `nil` when there is no such person or the password is wrong.
    func person(userName: String, password: String) throws(LDAPError) -> LDAPPerson? {
        let connection = try LDAPConnection.open(directory, limits: limits)
        guard let entry = try entry(userName: userName, password: password, connection) else { return nil }
        // The account that searches may see groups that the person may not.
        if directory.account != nil, directory.groupSearch != nil { try bindAccount(connection) }
        let groups = try foundGroups(of: entry, userName: userName, connection)
        return try LDAPPerson(entry, typed: userName, directory.attributes, foundGroups: groups)
    }

    /// Connects, lets the account that searches bind, and looks for the bases.
    func check() throws(LDAPError) {
        let connection = try LDAPConnection.open(directory, limits: limits)
        guard case .search(let search, as: _) = directory.way else {
            // Nobody is bound, and may see little. But a directory answers at least.
            _ = try connection.search("", scope: LDAP_SCOPE_BASE, filter: Self.anything, attributes: [], most: 1)
            return
        }
        try bindAccount(connection)
        for base in [search.base, directory.groupSearch?.base] {
            guard let base else { continue }
            let (entries, reply) = try connection.search(
                base, scope: LDAP_SCOPE_BASE, filter: Self.anything, attributes: [], most: 1)
            try reply.demandSuccess()
            guard !entries.isEmpty else {
                throw .protocol(code: Int(LDAP_NO_SUCH_OBJECT), message: "\(base) is not there or can't be read.")
            }
        }
    }

    // MARK: The entry

    static let anything = "(objectClass=*)"

    /// - Returns: the entry, when it is the only one and takes the password.
    private func entry(
        userName: String, password: String, _ connection: LDAPConnection
    ) throws(LDAPError) -> LDAPEntry? {
        switch directory.way {
        case .entry(let name):
            let dn = name.filled { _ in LDAPName.escaped(userName) }
            guard try accepts(dn, password, connection) else { return nil }
            return try ownEntry(dn, connection)
        case .ownName(let name, let search):
            guard Self.isPartOfName(userName) else { return nil }
            guard try accepts(name.filled { _ in userName }, password, connection) else { return nil }
            guard let entry = try find(userName, search, connection) else { return nil }
            // The name of one person may be found in the entry of another one: the entry itself must take the password.
            return try accepts(entry.dn, password, connection) ? entry : nil
        case .search(let search, as: let account):
            try bindAccount(connection)
            guard let entry = try find(userName, search, connection) else {
                try bindNobody(search, connection)
                return nil
            }
            guard try accepts(entry.dn, password, connection) else { return nil }
            return account == nil ? try ownEntry(entry.dn, connection) : entry
        }
    }

    private func bindAccount(_ connection: LDAPConnection) throws(LDAPError) {
        guard let account = directory.account else { return }
        let reply = try connection.bind(name: account.name, password: account.password)
        guard reply.code != LDAP_SUCCESS else { return }
        if reply.isRefusal { throw .serviceBindRefused(reply.message) }
        throw reply.error
    }

    private func find(
        _ userName: String, _ search: LDAPDirectory.PersonSearch, _ connection: LDAPConnection
    ) throws(LDAPError) -> LDAPEntry? {
        let filter = search.filter.filled { _ in LDAPFilter.escaped(userName) }
        let (entries, reply) = try connection.search(
            search.base, scope: LDAP_SCOPE_SUBTREE, filter: filter, attributes: directory.attributes.all, most: 2)
        guard reply.code != LDAP_SIZELIMIT_EXCEEDED, entries.count < 2 else {
            logger.warning(
                "Several entries of a directory have one user name, so that nobody can sign in with it",
                metadata: ["ldap.entries": .array(entries.map { .string(String($0.dn.prefix(200))) })])
            return nil
        }
        try reply.demandSuccess()
        return entries.first
    }

    /// Costs what a wrong password costs, so that the time does not tell who is in the directory. The password is not
    /// the person's, who may have typed that of somebody else.
    private func bindNobody(
        _ search: LDAPDirectory.PersonSearch, _ connection: LDAPConnection
    ) throws(LDAPError) {
        let word = String(UInt64.random(in: .min ... .max), radix: 36)
        _ = try connection.bind(name: "cn=nobody-\(word),\(search.base)", password: word)
    }

    private func accepts(
        _ name: String, _ password: String, _ connection: LDAPConnection
    ) throws(LDAPError) -> Bool {
        let reply = try connection.bind(name: name, password: password)
        if reply.code == LDAP_SUCCESS { return true }
        guard reply.isRefusal else { throw reply.error }
        logger.debug(
            "A directory refuses a sign-in",
            metadata: ["ldap.code": .stringConvertible(reply.code), "ldap.message": .string(reply.message)])
        return false
    }

    /// The entry of whom the connection is bound as.
    private func ownEntry(_ dn: String, _ connection: LDAPConnection) throws(LDAPError) -> LDAPEntry {
        let (entries, reply) = try connection.search(
            dn, scope: LDAP_SCOPE_BASE, filter: Self.anything, attributes: directory.attributes.all, most: 1)
        try reply.demandSuccess()
        guard let entry = entries.first else {
            throw .protocol(code: Int(LDAP_NO_SUCH_OBJECT), message: "A person may not read the own entry.")
        }
        return entry
    }

    private func foundGroups(
        of entry: LDAPEntry, userName: String, _ connection: LDAPConnection
    ) throws(LDAPError) -> [String] {
        guard let search = directory.groupSearch else { return [] }
        let filter = search.filter.filled { place in
            LDAPFilter.escaped(place == .personDN ? entry.dn : userName)
        }
        let (entries, reply) = try connection.search(
            search.base, scope: LDAP_SCOPE_SUBTREE, filter: filter, attributes: [], most: Int32(LDAPLimits.groups))
        if reply.code == LDAP_SIZELIMIT_EXCEEDED {
            logger.warning(
                "Somebody is in more groups of a directory than are read", metadata: ["ldap.dn": "\(entry.dn)"])
        } else {
            try reply.demandSuccess()
        }
        return entries.map(\.dn)
    }

    /// Whether a name stays one part when it is put before `@corp.example` or behind `CORP\`. None of these may be in
    /// the logon name of an account of Active Directory.
    private static func isPartOfName(_ userName: String) -> Bool {
        let forbidden = Array("\"/\\[]:;|=,+*?<>@".utf8)
        return !userName.utf8.contains { $0 < 0x20 || $0 == 0x7f || forbidden.contains($0) }
    }
}
