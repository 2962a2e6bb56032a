import CLDAP
import Foundation

extension LDAPConnection {
    /// Where Debian's package `ca-certificates` puts what the system trusts.
    private static let systemAuthorities = "/etc/ssl/certs/ca-certificates.crt"

    /// Demands a certificate that is signed by one of the authorities and names the host (RFC 4513 section 3.1.3), and
    /// TLS 1.2 at least.
    /// - Parameter authorities: PEM text; `nil` for those of the system.
    func prepareTLS(authorities: String?) throws(LDAPError) {
        do {
            try set(LDAP_OPT_X_TLS_REQUIRE_CERT, LDAP_OPT_X_TLS_DEMAND)
            // Names of the subject count only in a certificate without alternative names.
            try set(LDAP_OPT_X_TLS_REQUIRE_SAN, LDAP_OPT_X_TLS_TRY)
            try demandVersion()
            guard let authorities else { return try makeContext(trusting: Self.systemAuthorities) }
            try withFile(of: authorities) { (path) throws(LDAPError) in try makeContext(trusting: path) }
        } catch .protocol(_, let message) {
            throw .tls("The certificates of the authorities can't be used: \(message)")
        }
    }

    /// GnuTLS, which Debian's libldap uses, takes no least version from it, but a list of what is allowed.
    private func demandVersion() throws(LDAPError) {
        var package: UnsafeMutablePointer<CChar>?
        ldap_get_option(nil, LDAP_OPT_X_TLS_PACKAGE, &package)
        defer { ldap_memfree(package) }
        if let package, String(cString: package) == "GnuTLS" {
            try set(LDAP_OPT_X_TLS_CIPHER_SUITE, to: "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2")
        } else {
            try set(LDAP_OPT_X_TLS_PROTOCOL_MIN, 0x303)
        }
    }

    /// Reads the authorities. From then on this connection has a context of its own: without one it would use that of
    /// the process, with its own ideas about certificates.
    private func makeContext(trusting path: String) throws(LDAPError) {
        try set(LDAP_OPT_X_TLS_CACERTFILE, to: path)
        try set(LDAP_OPT_X_TLS_NEWCTX, 0)
    }

    /// Lends the text as a file that has no name in any folder, and is gone with its descriptor: libldap takes PEM from
    /// files only.
    private func withFile(of text: String, _ body: (String) throws(LDAPError) -> Void) throws(LDAPError) {
        let descriptor = ldap_memory_file()
        guard descriptor >= 0 else { throw .tls("There is no memory for the certificates of the authorities.") }
        defer { close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard written > 0 else { throw .tls("There is no memory for the certificates of the authorities.") }
            rest.removeFirst(written)
        }
        try body("/proc/self/fd/\(descriptor)")
    }
}
