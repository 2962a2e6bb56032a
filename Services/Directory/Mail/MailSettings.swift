import Mail
import ServiceKit

/// The mail server, and who sends.
public struct MailSettings: Sendable {
    public var server: SMTPSettings
    public var from: Mailbox
    public var limits = SMTPLimits()

    public init(server: SMTPSettings, from: Mailbox) {
        self.server = server
        self.from = from
    }

    /// Nothing when no mail server is set; problems are kept in `settings`.
    static func read(_ settings: Settings) -> MailSettings? {
        guard let url = settings.raw("SMTP_URL"), !url.isEmpty else { return nil }
        let from = settings.string("MAIL_FROM", "the address from which mail is sent")
        let mailbox = Mailbox(text: from)
        if mailbox == nil, !from.isEmpty {
            settings.report("MAIL_FROM", "it must be name@example.org or Name <name@example.org>")
        }
        let tls = settings.choice("SMTP_TLS", "whether mail is sent encrypted", default: SMTPSettings.TLS.required)
        let server = server(settings, url, tls)
        guard let server, let mailbox else { return nil }
        return MailSettings(server: server, from: mailbox)
    }

    private static func server(_ settings: Settings, _ url: String, _ tls: SMTPSettings.TLS) -> SMTPSettings? {
        let (user, password) = (settings.raw("SMTP_USER"), settings.raw("SMTP_PASSWORD"))
        if (user == nil) != (password == nil) {
            settings.report("SMTP_USER", "user and password of the mail server go together")
        }
        var account: SMTPSettings.Account?
        if let user, let password { account = .init(user: user, password: password) }
        do throws(SMTPSettings.Problem) {
            return try SMTPSettings(url: url, tls: tls, account: account, caFile: settings.raw("SMTP_CA_FILE"))
        } catch {
            settings.report(error.key, error.description)
            return nil
        }
    }
}

extension SMTPSettings.Problem {
    fileprivate var key: String {
        switch self {
        case .url: "SMTP_URL"
        case .clearPassword: "SMTP_TLS"
        case .noCAFile: "SMTP_CA_FILE"
        }
    }
}
