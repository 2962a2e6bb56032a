import Foundation

/// An OpenLDAP server of one test alone, on loopback, which may be paused, killed and started again on the same ports.
///
/// It knows `dc=example,dc=org` with `ou=people` and `ou=groups`, and two accounts: the administrator and a reader,
/// which may search. Others may read their own entries only. Groups are named in the entries of their members.
public actor SlapdProcess {
    public static let base = "dc=example,dc=org"
    public static let reader = "cn=reader,dc=example,dc=org"
    public static let readerPassword = "reader-of-a-test"
    private static let administrator = "cn=admin,dc=example,dc=org"
    private static let administratorPassword = "admin-of-a-test"

    public struct Options: Sendable {
        /// Of the certificate's subject.
        public var commonName = "directory"
        /// As OpenSSL writes them; `nil` for none.
        public var alternativeNames: String? = "IP:127.0.0.1"
        /// Lines for the global part of `slapd.conf`.
        public var global = ""
        /// A line that says who may read everything, beside the reader.
        public var access = ""
        /// LDIF of more entries.
        public var entries = ""

        public init() {}
    }

    public nonisolated let port: Int
    /// Encrypted from the first byte on.
    public nonisolated let tlsPort: Int
    public nonisolated let certificates: TestCertificates
    public nonisolated var url: String { "ldap://127.0.0.1:\(port)" }
    public nonisolated var tlsURL: String { "ldaps://127.0.0.1:\(tlsPort)" }

    private let folder: URL
    private var child: ServerChild?

    public static func withServer<Result: Sendable>(
        _ options: Options = Options(), _ body: @Sendable (SlapdProcess) async throws -> Result
    ) async throws -> Result {
        let server = try await started(options)
        do {
            let result = try await body(server)
            await server.stop()
            return result
        } catch {
            await server.stop()
            throw error
        }
    }

    /// A free port may be taken by somebody else in the meantime: then another one is tried.
    private static func started(_ options: Options) async throws -> SlapdProcess {
        var problem: any Error = TestServerError("slapd does not start")
        for _ in 1...3 {
            let folder = FileManager.default.temporaryDirectory.appending(path: "parley-slapd-\(UUID().uuidString)")
            do {
                let server = try await SlapdProcess(folder, options)
                do {
                    try await server.create(options)
                    try await server.start()
                    return server
                } catch {
                    await server.stop()
                    throw error
                }
            } catch {
                try? FileManager.default.removeItem(at: folder)
                problem = error
            }
        }
        throw problem
    }

    private init(_ folder: URL, _ options: Options) async throws {
        self.folder = folder
        try FileManager.default.createDirectory(
            at: folder.appending(path: "data"), withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        port = try await freePort()
        tlsPort = try await freePort()
        certificates = try await TestCertificates.make(
            in: folder, commonName: options.commonName, alternativeNames: options.alternativeNames)
    }

    /// Starts the server and waits until it accepts connections.
    public func start() async throws {
        let command = ["/usr/sbin/slapd", "-d", "0", "-f", path("slapd.conf"), "-h", "\(url) \(tlsURL) \(inner)"]
        child = try await ServerChild.start(command, port: port)
    }

    /// `kill -9`, and waits for the end.
    public func kill() async {
        await child?.kill()
        child = nil
    }

    /// Stops answering without closing anything, as one that hangs.
    public func pause() { child?.pause() }

    public func resume() { child?.resume() }

    /// Kills the server and removes its folder.
    public func stop() async {
        await kill()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Adds entries or changes them, as the administrator.
    /// - Parameter ldif: without `changetype` an entry is added.
    public func change(_ ldif: String) async throws {
        let file = path("change.ldif")
        try ldif.write(toFile: file, atomically: true, encoding: .utf8)
        try await run([
            "ldapmodify", "-a", "-x", "-H", inner, "-D", Self.administrator, "-w", Self.administratorPassword, "-f",
            file,
        ])
    }

    /// A socket in the folder, which counts as encrypted.
    private var inner: String { "ldapi://" + path("socket").replacingOccurrences(of: "/", with: "%2F") }

    private func path(_ name: String) -> String { folder.appending(path: name).path }

    private func create(_ options: Options) async throws {
        try configuration(options).write(toFile: path("slapd.conf"), atomically: true, encoding: .utf8)
        let file = path("entries.ldif")
        try (Self.entries + "\n" + options.entries).write(toFile: file, atomically: true, encoding: .utf8)
        try await run(["/usr/sbin/slapadd", "-q", "-f", path("slapd.conf"), "-l", file])
    }

    private func configuration(_ options: Options) -> String {
        let schemas = ["core", "cosine", "inetorgperson"]
            .map { "include /etc/ldap/schema/\($0).schema" }.joined(separator: "\n")
        return """
            \(schemas)
            attributetype ( 1.2.840.113556.1.4.2 NAME 'objectGUID'
                EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
            localSSF 256
            pidfile \(path("slapd.pid"))
            argsfile \(path("slapd.args"))
            modulepath /usr/lib/ldap
            moduleload back_mdb
            moduleload memberof
            TLSCACertificateFile \(certificates.authorityFile)
            TLSCertificateFile \(certificates.certificateFile)
            TLSCertificateKeyFile \(certificates.keyFile)
            \(options.global)
            database mdb
            maxsize 33554432
            suffix "\(Self.base)"
            rootdn "\(Self.administrator)"
            rootpw \(Self.administratorPassword)
            directory \(path("data"))
            dbnosync
            overlay memberof
            access to attrs=userPassword by anonymous auth by * none
            access to *
                by dn.exact="\(Self.reader)" read
                \(options.access.isEmpty ? "by self read" : options.access)
                by self read
                by anonymous auth
                by * none
            """
    }

    private static let entries = """
        dn: dc=example,dc=org
        objectClass: dcObject
        objectClass: organization
        o: Example
        dc: example

        dn: ou=people,dc=example,dc=org
        objectClass: organizationalUnit
        ou: people

        dn: ou=groups,dc=example,dc=org
        objectClass: organizationalUnit
        ou: groups

        dn: cn=reader,dc=example,dc=org
        objectClass: organizationalRole
        objectClass: simpleSecurityObject
        cn: reader
        userPassword: reader-of-a-test

        """
}
