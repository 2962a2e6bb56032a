import Logging
import Mail
import ParleyProtocol
import Postgres
import ServiceKit
import ServiceLifecycle

/// Everything about mail, put together. Without a mail server there is nobody to send, and nobody is told of anything.
struct MailParts: Sendable {
    /// Each after those it needs.
    let services: [any Service]
    let notices: any AppointmentNotices
    /// Absent without a mail server.
    let outbox: Outbox?

    static func build(
        _ settings: DirectorySettings, pool: PostgresPool, vault: PINVault, links: RoomLinks, identity: IdentityCalls,
        logger: Logger
    ) -> MailParts {
        guard let mail = settings.mail else {
            return MailParts(services: [], notices: NoAppointmentNotices(), outbox: nil)
        }
        let letters = LetterVault(secret: settings.pinKey)
        let outbox = Outbox(vault: letters)
        let sender = MailSender(mail.server, limits: mail.limits)
        let delivery = MailDelivery(
            queue: MailQueue(pool: pool), sender: sender, from: mail.from, vault: letters,
            replies: ReplyAddresses(identity: identity), logger: logger)
        let ages = AgeNotices(
            pool: pool, outbox: outbox, identity: identity, publicURL: links.publicURL,
            graceDays: settings.roomGraceDays, logger: logger)
        return MailParts(
            services: [sender, delivery, ages],
            notices: AppointmentMail(outbox: outbox, vault: vault, links: links, from: mail.from), outbox: outbox)
    }
}
