import CCurl
import NIOCore

/// One mail over one connection, by libcurl. Used by one thread.
final class SMTPTransfer {
    private static let isStarted = curl_start() != 0

    private let bytes: [UInt8]
    private let stop: StopFlag
    private var deadline = ContinuousClock.now
    private var position = 0
    /// The server has taken sender and recipient, and reads the mail.
    private var hasBegun = false

    init(_ bytes: [UInt8], stop: StopFlag) {
        self.bytes = bytes
        self.stop = stop
    }

    func perform(
        from: Mailbox, to: Mailbox, _ settings: SMTPSettings, _ limits: SMTPLimits
    ) throws(MailError) {
        guard Self.isStarted, let handle = curl_easy_init() else {
            throw MailError(.unreachable, "libcurl does not start.")
        }
        defer { curl_easy_cleanup(handle) }
        deadline = .now + limits.total
        let recipients = curl_slist_append(nil, "<\(to.address)>")
        defer { curl_slist_free_all(recipients) }
        var options = CurlOptions(handle)
        options.connection(settings, limits, greeting: from.domain)
        options.set(CURLOPT_MAIL_FROM, "<\(from.address)>")
        options.set(CURLOPT_MAIL_RCPT, recipients)
        options.note(
            curl_set_upload(
                handle, Unmanaged.passUnretained(self).toOpaque(),
                { buffer, size, count, context in
                    SMTPTransfer.from(context)?.read(into: buffer, size * count) ?? Int(CURL_READFUNC_ABORT)
                },
                { context, _, _, _, _ in SMTPTransfer.from(context)?.mayGoOn == true ? 0 : 1 }))
        guard options.areTaken else { throw MailError(.unreachable, "libcurl does not take an option.") }
        let result = withExtendedLifetime(self) { curl_easy_perform(handle) }
        guard result != CURLE_OK else { return }
        var code = 0
        _ = curl_response_code(handle, &code)
        throw failure(result, code: code)
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> SMTPTransfer? {
        context.map { Unmanaged<SMTPTransfer>.fromOpaque($0).takeUnretainedValue() }
    }

    /// libcurl asks about every second. Its own limit does not cover the farewell, for which it waits as well.
    private var mayGoOn: Bool { !stop.isSet && .now < deadline }

    private func read(into buffer: UnsafeMutablePointer<CChar>?, _ limit: Int) -> Int {
        guard let buffer, mayGoOn else { return Int(CURL_READFUNC_ABORT) }
        hasBegun = true
        let part = bytes[position..<min(bytes.count, position + limit)]
        UnsafeMutableRawBufferPointer(start: buffer, count: limit).copyBytes(from: part)
        position += part.count
        return part.count
    }

    private func failure(_ result: CURLcode, code: Int) -> MailError {
        let detail = String(cString: curl_easy_strerror(result))
        switch result {
        case CURLE_ABORTED_BY_CALLBACK:
            return MailError(stop.isSet ? .stopped : .timedOut, "", mayHaveArrived: hasBegun)
        case CURLE_OPERATION_TIMEDOUT: return MailError(.timedOut, "", mayHaveArrived: hasBegun)
        case CURLE_LOGIN_DENIED: return MailError(.signIn, detail)
        case CURLE_USE_SSL_FAILED, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CIPHER, CURLE_SSL_CERTPROBLEM:
            return MailError(.tls, detail)
        // What the server says of a mail: to MAIL, RCPT and DATA, or at its end. Its greeting is not about the mail.
        case CURLE_SEND_ERROR, CURLE_WEIRD_SERVER_REPLY:
            let isAboutMail = result == CURLE_SEND_ERROR || hasBegun
            if Self.signInCodes.contains(code) { return MailError(.signIn, detail) }
            if isAboutMail, (500..<600).contains(code) { return MailError(.refused(code), "") }
            if (400..<600).contains(code) { return MailError(.deferred(code), "") }
            return MailError(.unreachable, detail, mayHaveArrived: hasBegun)
        default: return MailError(.unreachable, detail, mayHaveArrived: hasBegun)
        }
    }

    /// RFC 4954, 4 and 6: the mail is well, but who brings it has to sign in.
    private static let signInCodes: Set = [530, 534, 535, 538]
}

/// Options of one handle; keeps in mind whether all were taken.
private struct CurlOptions {
    private(set) var areTaken = true
    private let handle: UnsafeMutableRawPointer

    init(_ handle: UnsafeMutableRawPointer) {
        self.handle = handle
    }

    mutating func note(_ result: CURLcode) { areTaken = areTaken && result == CURLE_OK }

    mutating func set(_ option: CURLoption, _ value: Int) { note(curl_set_long(handle, option, value)) }

    mutating func set(_ option: CURLoption, _ value: String) { note(curl_set_string(handle, option, value)) }

    mutating func set(_ option: CURLoption, _ value: UnsafeMutablePointer<curl_slist>?) {
        note(curl_set_list(handle, option, value))
    }

    /// - Parameter greeting: what EHLO says: many servers want a full name there, which a container has not.
    mutating func connection(_ settings: SMTPSettings, _ limits: SMTPLimits, greeting: String) {
        let scheme = settings.isImplicitTLS ? "smtps" : "smtp"
        set(CURLOPT_URL, "\(scheme)://\(settings.urlHost):\(settings.port)/\(greeting)")
        set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        // Neither the environment nor files of the account have a say.
        set(CURLOPT_PROXY, "")
        set(CURLOPT_NOSIGNAL, 1)
        // The farewell is said while the callbacks are still asked; else nothing would limit it.
        set(CURLOPT_FORBID_REUSE, 1)
        set(CURLOPT_CONNECTTIMEOUT_MS, limits.connect.milliseconds)
        set(CURLOPT_SERVER_RESPONSE_TIMEOUT, max(1, limits.answer.milliseconds / 1_000))
        set(CURLOPT_TIMEOUT_MS, limits.total.milliseconds)
        set(CURLOPT_USE_SSL, Int(settings.isEncrypted ? CURLUSESSL_ALL.rawValue : CURLUSESSL_NONE.rawValue))
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let caFile = settings.caFile { set(CURLOPT_CAINFO, caFile) }
        if let account = settings.account {
            set(CURLOPT_USERNAME, account.user)
            set(CURLOPT_PASSWORD, account.password)
        }
    }
}

extension Duration {
    fileprivate var milliseconds: Int { Int(TimeAmount(self).nanoseconds / 1_000_000) }
}
