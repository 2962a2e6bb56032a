import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import Mail
import ParleyProtocol
import Postgres
import ServiceKit
import Synchronization
import TestSupport

@testable import DirectoryService

/// Directory beside a real mail server, and beside an identity that knows the people it is told of.
struct MailHarness: Sendable {
    let directory: Harness
    let server: SMTPServerProcess
    let people: PeopleStandIn

    static func run(
        _ body: @escaping @Sendable (MailHarness) async throws -> Void
    ) async throws {
        let people = PeopleStandIn()
        try await SMTPServerProcess.withServer { server in
            let mail = try settings(server)
            try await people.run { identityURL in
                try await Harness.run(adjust: {
                    $0.mail = mail
                    $0.identityURL = identityURL
                }) { directory in
                    try await body(MailHarness(directory: directory, server: server, people: people))
                }
            }
        }
    }

    static func settings(_ server: SMTPServerProcess) throws -> MailSettings {
        guard let from = Mailbox(text: "Parley <parley@example.org>") else { throw NotYet(description: "no sender") }
        var settings = MailSettings(
            server: try SMTPSettings(url: server.url, caFile: server.authorityFile), from: from)
        settings.limits.total = .seconds(20)
        return settings
    }

    /// The mails that came, as soon as there are so many.
    func mails(_ count: Int) async throws -> [ReadMail] {
        try await eventually(timeout: .seconds(30), "\(count) mails") {
            let taken = try server.mails().count
            return taken >= count ? nil : "there are \(taken)"
        }
        return try server.mails().map { try ReadMail($0.bytes) }
    }
}

/// What Python's email package reads in a mail.
struct ReadMail: Decodable, Sendable {
    var to: String
    var from: String
    var replyTo: String?
    var subject: String
    var id: String
    var automatic: String?
    var text: String
    var html: String
    var method: String?
    var calendar: String?

    private static let reader = """
        import email, email.policy, json, sys
        mail = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
        parts = {p.get_content_type(): p for p in mail.walk()}
        calendar = parts.get("text/calendar")
        print(json.dumps({
            "to": mail["to"].addresses[0].addr_spec, "from": str(mail["from"]), "replyTo": mail["reply-to"],
            "subject": mail["subject"], "id": mail["message-id"], "automatic": mail["auto-submitted"],
            "text": parts["text/plain"].get_content(), "html": parts["text/html"].get_content(),
            "method": calendar and calendar["content-type"].params["method"],
            "calendar": calendar and calendar.get_content()}))
        """

    init(_ bytes: [UInt8]) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(try TestPython.run(Self.reader, input: bytes).utf8))
    }

    /// Of the calendar file, without its folds.
    func line(_ name: String) -> String? {
        calendar?.replacingOccurrences(of: "\r\n", with: "\n").replacingOccurrences(of: "\n ", with: "")
            .split(separator: "\n").map(String.init).first { $0.hasPrefix(name) }
    }
}

/// What of identity knows people.
final class PeopleStandIn: Sendable {
    private let cards = Mutex<[AccountCards.Card]>([])
    private let away = Mutex(false)

    /// Whether it answers nothing but 503.
    var isAway: Bool {
        get { away.withLock { $0 } }
        set { away.withLock { $0 = newValue } }
    }

    func add(_ account: AccessClaims, email: String?, language: String = "en") {
        let card = AccountCards.Card(
            account: account.account, displayName: account.displayName, email: email, language: language)
        cards.withLock { $0.append(card) }
    }

    func run(_ body: @escaping @Sendable (String) async throws -> Void) async throws {
        let router = Router(context: ServiceRequestContext.self)
        let group = router.group("internal").add(
            middleware: ServiceAuthMiddleware(
                audience: .identity, tokens: ServiceTokens(clusterSecret: Harness.secret)))
        group.post("organizations/{organization}/accounts") { request, context in
            try context.requireCaller(.directory)
            guard !self.isAway else { throw ProblemError.unavailable() }
            let query = try await decodeBody(AccountQuery.self, from: request, context: context)
            let known = self.cards.withLock { $0.filter { query.accounts.contains($0.account) } }
            return try jsonResponse(AccountCards(accounts: known))
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)), logger: Harness.quiet)
        try await application.test(.live) { client in try await body("http://127.0.0.1:\(client.port ?? 1)") }
    }
}

/// An outbox with its own database and mail server, and nobody who sends.
struct OutboxHarness: Sendable {
    let pool: PostgresPool
    let server: SMTPServerProcess
    let vault = LetterVault(secret: Harness.pinKey)
    var queue: MailQueue { MailQueue(pool: pool) }

    static func run(_ body: @escaping @Sendable (OutboxHarness) async throws -> Void) async throws {
        try await SMTPServerProcess.withServer { server in
            try await TestDatabase.withPool(migrator: directoryMigrator, maximumConnections: 8) { pool in
                try await body(OutboxHarness(pool: pool, server: server))
            }
        }
    }

    static func letter(_ text: String = "Hello") -> Letter {
        Letter(subject: "Hello", text: text, link: "https://meet.example.org/r/room", language: .english)
    }

    func put(
        _ recipients: [String], text: String = "Hello", topic: String? = nil, kind: Outbox.Kind = .later,
        room: RoomID? = nil, by account: AccountID? = nil, introduction: String? = nil
    ) async throws {
        let cause = Outbox.Cause(
            organization: OrganizationID(newID()), account: account, isCounted: false, topic: topic, kind: kind,
            room: room)
        try await pool.transaction { connection in
            let letters = recipients.map { recipient in
                Outbox.Addressed(
                    recipient: recipient, letter: Self.letter(text),
                    introduction: introduction.map { text in { Self.letter(text) } })
            }
            try Outbox(vault: vault).put(letters, cause, connection)
        }
    }

    /// One process that sends, for as long as `body` runs.
    /// - Parameter identityURL: by default identity is away; mails of the service itself go out all the same.
    func delivering<Result: Sendable>(
        identityURL: String = "http://127.0.0.1:1", _ body: @Sendable (MailDelivery) async throws -> Result
    ) async throws -> Result {
        let settings = try MailHarness.settings(server)
        let identity = ServiceClient(
            from: .directory, to: .identity, baseURL: identityURL,
            tokens: ServiceTokens(clusterSecret: Harness.secret))
        return try await MailSender(settings.server, limits: settings.limits).once { sender in
            try await body(
                MailDelivery(
                    queue: queue, sender: sender, from: settings.from, vault: vault,
                    replies: ReplyAddresses(identity: IdentityCalls(client: identity, logger: Harness.quiet)),
                    logger: Harness.quiet))
        }
    }

    /// `state attempts error` of every mail, and whether its text is still there.
    func states() async throws -> [(text: String, hasLetter: Bool)] {
        try await pool.query(
            """
            select state || ' ' || attempts || coalesce(' ' || last_error, '') as text, letter is not null as has_letter
            from mail order by created_at, id
            """
        ).map { (try $0.decode("text"), try $0.decode("has_letter")) }
    }
}

// Where nobody is invited to anything.
extension RoomAgeStore {
    init(pool: PostgresPool) {
        self.init(pool: pool, appointments: AppointmentStore(pool: pool, notices: NoAppointmentNotices()))
    }
}

extension OwnerStore {
    init(pool: PostgresPool) {
        self.init(pool: pool, appointments: AppointmentStore(pool: pool, notices: NoAppointmentNotices()))
    }
}
