import CLDAP
import Foundation

/// One connection to a directory, used by one thread. Calls block, but each no longer than its limit.
///
/// After an error it must not be used again.
final class LDAPConnection {
    /// The answer to a request, other than entries.
    struct Reply {
        /// RFC 4511 appendix A.
        let code: Int32
        let message: String
    }

    let handle: OpaquePointer
    private let lifeline: Lifeline
    private let directory: LDAPDirectory
    private let limits: LDAPLimits
    private let deadline: ContinuousClock.Instant
    /// What may not stand in a message.
    private var secrets: [String]

    /// Connects, and encrypts the connection if the settings say so. Nobody is bound yet.
    static func open(_ directory: LDAPDirectory, limits: LDAPLimits) throws(LDAPError) -> LDAPConnection {
        let descriptor = try TCPSocket.connect(to: directory.address, within: min(limits.connect, limits.total))
        var handle: OpaquePointer?
        guard ldap_init_fd(descriptor, LDAP_PROTO_TCP, directory.address.plainURL, &handle) == LDAP_SUCCESS,
            let handle
        else {
            close(descriptor)
            throw .unreachable("There is no memory for a connection.")
        }
        let connection = LDAPConnection(handle, descriptor, directory, limits)
        try connection.setOptions()
        if directory.isEncrypted { try connection.encrypt() }
        return connection
    }

    private init(_ handle: OpaquePointer, _ descriptor: CInt, _ directory: LDAPDirectory, _ limits: LDAPLimits) {
        self.handle = handle
        self.directory = directory
        self.limits = limits
        lifeline = Lifeline(descriptor: descriptor)
        deadline = .now + limits.total
        secrets = directory.account.map { [$0.password] } ?? []
    }

    deinit {
        lifeline.letGo()
        ldap_unbind_ext_s(handle, nil, nil)
    }

    /// Sets all that ldap.conf, ldaprc and the environment could have set for libldap.
    private func setOptions() throws(LDAPError) {
        try set(LDAP_OPT_PROTOCOL_VERSION, LDAP_VERSION3)
        // Servers of other people would get the password.
        try set(LDAP_OPT_REFERRALS, to: nil)
        try set(LDAP_OPT_DEREF, LDAP_DEREF_NEVER)
        try set(LDAP_OPT_RESTART, to: ldap_option_on())
        // The lifeline limits; libldap's network timeout would make it spin during the handshake.
        var never = timeval(tv_sec: -1, tv_usec: 0)
        try set(LDAP_OPT_NETWORK_TIMEOUT, to: &never)
        try set(LDAP_OPT_TIMEOUT, to: &never)
        var socket: OpaquePointer?
        var most = ber_len_t(LDAPLimits.messageBytes)
        guard ldap_get_option(handle, LDAP_OPT_SOCKBUF, &socket) == LDAP_OPT_SUCCESS, let socket,
            ber_sockbuf_ctrl(socket, LBER_SB_OPT_SET_MAX_INCOMING, &most) == 1
        else { throw .unreachable("libldap does not limit messages.") }
    }

    func set(_ option: Int32, _ value: Int32) throws(LDAPError) {
        var value = value
        try set(option, to: &value)
    }

    func set(_ option: Int32, to value: UnsafeRawPointer?) throws(LDAPError) {
        guard ldap_set_option(handle, option, value) == LDAP_OPT_SUCCESS else {
            throw .protocol(code: Int(LDAP_PARAM_ERROR), message: diagnostic("libldap does not take option \(option)."))
        }
    }

    // MARK: Encryption

    private func encrypt() throws(LDAPError) {
        try prepareTLS(authorities: directory.certificateAuthorities)
        let status = try limited(to: limits.connect) { () throws(LDAPError) in
            directory.startTLS ? ldap_start_tls_s(handle, nil, nil) : ldap_install_tls(handle)
        }
        guard status == LDAP_SUCCESS, ldap_tls_inplace(handle) == 1 else {
            if lifeline.hasExpired { throw .timedOut }
            let message = diagnostic(String(cString: ldap_err2string(status)))
            // A code of the server: it does not offer StartTLS, or not now.
            if status > 0 { throw .tls("StartTLS is refused: \(message)") }
            // What GnuTLS makes of libldap's own verdict on a certificate.
            let isVerdict = message == "(unknown error code)"
            let host = directory.address.host
            throw .tls(isVerdict ? "Its certificate is not trusted, not valid now, or not for \(host)." : message)
        }
    }

    // MARK: Requests

    /// Binds with a name and a password (RFC 4511 section 4.2); whether it succeeded, the reply says.
    func bind(name: String, password: String) throws(LDAPError) -> Reply {
        // With an empty name or password servers answer "success" and mean "nobody".
        guard !name.isEmpty, Password.canBeSent(password) else {
            return Reply(code: LDAP_INVALID_CREDENTIALS, message: "")
        }
        secrets.append(password)
        try beSafe()
        let result = try request { number in
            var bytes = Array(password.utf8.map(CChar.init(bitPattern:)))
            return bytes.withUnsafeMutableBufferPointer { buffer in
                var credentials = berval(bv_len: ber_len_t(buffer.count), bv_val: buffer.baseAddress)
                return ldap_sasl_bind(handle, name, nil, &credentials, nil, nil, number)
            }
        }
        return try reply(result)
    }

    /// - Parameter most: of the entries; the server ends with `LDAP_SIZELIMIT_EXCEEDED` if there are more.
    func search(
        _ base: String, scope: Int32, filter: String, attributes: [String], most: Int32
    ) throws(LDAPError) -> (entries: [LDAPEntry], reply: Reply) {
        try beSafe()
        let seconds = max(1, limits.operation.components.seconds)
        let wanted = attributes.isEmpty ? [LDAP_NO_ATTRS] : attributes
        let result = try request { number in
            var time = timeval(tv_sec: Int(clamping: seconds), tv_usec: 0)
            return withCStrings(wanted) { names in
                ldap_search_ext(handle, base, scope, filter, names, 0, nil, nil, &time, most, number)
            }
        }
        return (LDAPEntry.all(in: result, handle, attributes: attributes), try reply(result))
    }

    /// Nothing is sent in clear when it was to be encrypted, whatever libldap has made of the connection.
    private func beSafe() throws(LDAPError) {
        guard !directory.isEncrypted || ldap_tls_inplace(handle) == 1 else {
            throw .tls("The connection is not encrypted any more.")
        }
    }

    private func request(_ send: (UnsafeMutablePointer<Int32>) -> Int32) throws(LDAPError) -> LDAPResult {
        try limited(to: limits.operation) { () throws(LDAPError) in
            var number: Int32 = 0
            let status = send(&number)
            guard status == LDAP_SUCCESS else { throw failure(status) }
            var message: OpaquePointer?
            guard ldap_result(handle, number, LDAP_MSG_ALL, nil, &message) > 0, let message else {
                throw failure(lastStatus)
            }
            return LDAPResult(owning: message)
        }
    }

    private func reply(_ result: borrowing LDAPResult) throws(LDAPError) -> Reply {
        var code: Int32 = 0
        var text: UnsafeMutablePointer<CChar>?
        let status = ldap_parse_result(handle, result.message, &code, nil, &text, nil, nil, 0)
        defer { ldap_memfree(text) }
        guard status == LDAP_SUCCESS else { throw failure(status) }
        let meaning = String(cString: ldap_err2string(code))
        let message = LDAPDiagnostic(text.map { String(cString: $0) } ?? "", fallback: meaning, hiding: secrets)
        return Reply(code: code, message: message.text)
    }

    private func limited<Value: ~Copyable>(
        to limit: Duration, _ step: () throws(LDAPError) -> Value
    ) throws(LDAPError) -> Value {
        try lifeline.limited(to: min(limit, ContinuousClock.now.duration(to: deadline)), step)
    }

    // MARK: Errors

    private var lastStatus: Int32 {
        var status: Int32 = 0
        ldap_get_option(handle, LDAP_OPT_RESULT_CODE, &status)
        return status
    }

    private func failure(_ status: Int32) -> LDAPError {
        if lifeline.hasExpired { return .timedOut }
        let meaning = String(cString: ldap_err2string(status))
        switch status {
        case LDAP_SUCCESS, LDAP_SERVER_DOWN, LDAP_CONNECT_ERROR, LDAP_UNAVAILABLE:
            return .unreachable("The connection broke.")
        case LDAP_TIMEOUT: return .timedOut
        default: return .protocol(code: Int(status), message: diagnostic(meaning))
        }
    }

    /// What the server or libldap said last.
    private func diagnostic(_ fallback: String) -> String {
        var text: UnsafeMutablePointer<CChar>?
        ldap_get_option(handle, LDAP_OPT_DIAGNOSTIC_MESSAGE, &text)
        defer { ldap_memfree(text) }
        return LDAPDiagnostic(text.map { String(cString: $0) } ?? "", fallback: fallback, hiding: secrets).text
    }
}
