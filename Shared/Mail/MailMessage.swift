import Foundation

/// A mail to one person. Texts may hold anything: `MIMEWriter` lets none of it become a header or a part.
public struct MailMessage: Hashable, Sendable {
    /// What a mail program does with the calendar file (RFC 5546).
    public enum CalendarMethod: String, Hashable, Sendable {
        case request = "REQUEST"
        case cancel = "CANCEL"
    }

    public struct Calendar: Hashable, Sendable {
        public var method: CalendarMethod
        /// A VCALENDAR with the same method.
        public var text: String

        public init(method: CalendarMethod, text: String) {
            self.method = method
            self.text = text
        }
    }

    /// Stays the same when the mail is sent again, so that a mailbox can tell that it has it: left of the `@` of `Message-ID`.
    public var id: UUID
    public var from: Mailbox
    public var to: Mailbox
    public var replyTo: Mailbox?
    public var date: Date
    public var subject: String
    /// Lines end with LF.
    public var text: String
    public var html: String
    public var calendar: Calendar?
    /// BCP 47.
    public var language: String
    /// No person has asked for it at this moment: programs that answer mail leave it alone (RFC 3834).
    public var isAutomatic: Bool

    public init(
        id: UUID, from: Mailbox, to: Mailbox, replyTo: Mailbox? = nil, date: Date, subject: String,
        text: String, html: String, calendar: Calendar? = nil, language: String, isAutomatic: Bool = false
    ) {
        self.id = id
        self.from = from
        self.to = to
        self.replyTo = replyTo
        self.date = date
        self.subject = subject
        self.text = text
        self.html = html
        self.calendar = calendar
        self.language = language
        self.isAutomatic = isAutomatic
    }
}
