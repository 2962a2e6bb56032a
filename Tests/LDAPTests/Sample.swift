import Logging
import TestSupport

@testable import LDAP

/// The people of the tests.
enum Sample {
    static let ada = "uid=ada,ou=people,\(SlapdProcess.base)"
    static let odd = #"cn=M\C3\BCller\2C J\C3\BCrgen (B\C3\BCro) \2A \5C,ou=people,"# + SlapdProcess.base
    static let math = "cn=math,ou=groups,\(SlapdProcess.base)"
    static let staff = "cn=staff,ou=groups,\(SlapdProcess.base)"

    static let people = """
        dn: uid=ada,ou=people,dc=example,dc=org
        objectClass: inetOrgPerson
        uid: countess
        uid: ada
        cn: Ada King
        sn: King
        displayName: Ada Lovelace
        mail: ada@example.org
        mail: countess@example.org
        userPassword: engine-of-ada

        dn: uid=bob,ou=people,dc=example,dc=org
        objectClass: inetOrgPerson
        objectClass: extensibleObject
        uid: bob
        cn: Bob
        sn: Bob
        objectGUID:: YWJjZGVmZ2hpamtsbW5vcA==
        userPassword: secret of bob

        dn: uid=locked,ou=people,dc=example,dc=org
        objectClass: inetOrgPerson
        uid: locked
        cn: Locked
        sn: Locked

        dn: uid=twin,ou=people,dc=example,dc=org
        objectClass: inetOrgPerson
        uid: twin
        cn: Twin
        sn: Twin
        userPassword: secret of twins

        dn: cn=Other Twin,ou=people,dc=example,dc=org
        objectClass: inetOrgPerson
        uid: twin
        cn: Other Twin
        sn: Twin
        userPassword: secret of twins

        dn: cn=M\\C3\\BCller\\2C J\\C3\\BCrgen (B\\C3\\BCro) \\2A \\5C,ou=people,dc=example,dc=org
        objectClass: inetOrgPerson
        uid: jmueller*
        cn: Müller, Jürgen (Büro) * \\
        sn: Müller
        userPassword: pässwörd 東京

        """

    /// Added while the server runs, because only then are groups named in the entries of their members.
    static let groups = """
        dn: cn=math,ou=groups,dc=example,dc=org
        objectClass: groupOfNames
        cn: math
        member: uid=ada,ou=people,dc=example,dc=org

        dn: cn=staff,ou=groups,dc=example,dc=org
        objectClass: groupOfNames
        cn: staff
        member: uid=ada,ou=people,dc=example,dc=org
        member: cn=M\\C3\\BCller\\2C J\\C3\\BCrgen (B\\C3\\BCro) \\2A \\5C,ou=people,dc=example,dc=org

        """

    static func withServer<Result: Sendable>(
        _ change: (inout SlapdProcess.Options) -> Void = { _ in },
        _ body: @Sendable (SlapdProcess, LDAPThreads) async throws -> Result
    ) async throws -> Result {
        var options = SlapdProcess.Options()
        options.entries = people
        change(&options)
        return try await SlapdProcess.withServer(options) { server async throws in
            try await server.change(groups)
            return try await LDAPThreads().once { threads async throws in
                let result = try await body(server, threads)
                guard threads.isIdle else { throw TestServerError("A thread of LDAP is not given back") }
                return result
            }
        }
    }

    /// People are looked for by the account that may read.
    static func settings(
        _ url: String, filter: String = LDAPSettings.Search.defaultFilter
    ) -> LDAPSettings {
        LDAPSettings(
            url: url,
            search: .init(
                base: SlapdProcess.base, filter: filter, bindDN: SlapdProcess.reader,
                bindPassword: SlapdProcess.readerPassword))
    }

    /// Short, but long enough for a busy machine.
    static let quick = LDAPLimits(connect: .seconds(1), operation: .seconds(1), total: .seconds(4))
}

extension LDAPAuthenticator {
    init(
        testing settings: LDAPSettings, _ threads: LDAPThreads, limits: LDAPLimits = LDAPLimits(),
        log: LogLines? = nil
    ) throws {
        let logger = Logger(label: "test.ldap") { _ in log?.handler ?? SwiftLogNoOpLogHandler() }
        try self.init(settings, threads: threads, limits: limits, logger: logger)
    }
}
