import Hummingbird
import ParleyProtocol
import Postgres
import ServiceKit

/// Invitations by mail over HTTP, and whether there is mail at all.
struct InvitationMailRoutes: Sendable {
    let rooms: RoomStore
    let vault: PINVault
    let links: RoomLinks
    let identity: IdentityCalls
    /// Absent without a mail server.
    let outbox: Outbox?

    func add(to group: RouterGroup<ServiceRequestContext>) {
        group.get("features") { try await features($0, $1) }
        group.post("rooms/{room}/invitations") { try await invite($0, $1) }
    }

    private func features(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        _ = try context.requireAccount()
        return try jsonResponse(DirectoryFeatures(mail: outbox != nil))
    }

    private func invite(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let account = try context.requireAccount()
        let room = try await rooms.managed(context, by: account)
        guard let outbox else { throw ProblemError.mailUnavailable }
        let draft = try await decodeBody(InvitationDraft.self, from: request, context: context)
        let (addresses, accounts, language) = try Self.checked(draft)
        let colleagues = try await mailAddresses(of: accounts, in: account.organization)
        let invitees = try Self.refused(as: "accounts") { () throws(FieldRefusal) in
            try MailAddress.list(addresses + colleagues)
        }
        try await rooms.pool.transaction { connection in
            guard let room = try Room.held(room.id, connection) else { throw ProblemError.noSuchRoom }
            let pin = draft.includesPIN == true ? try vault.pin(of: room) : nil
            let letter = letter(in: room, language, pin: pin, by: account)
            let cause = Outbox.Cause(
                organization: room.organization, account: account.account, isCounted: true, kind: .first, room: room.id)
            // Whose address stands in both lists gets one mail, and is counted as in both: else limits would tell whose a guessed
            // address is.
            let count = addresses.count + accounts.count
            try outbox.charge(count, to: account.account, connection)
            try outbox.count(count - invitees.count, cause, connection)
            try outbox.put(invitees.map { Outbox.Addressed(recipient: $0, letter: letter) }, cause, connection)
        }
        return Response(status: .accepted)
    }

    private func letter(
        in room: Room, _ language: InvitationLanguage, pin: String?, by account: AccessClaims
    ) -> Letter {
        let text = InvitationLetter(
            language: language, title: room.name, description: room.description, inviter: account.displayName,
            link: links.link(to: room), pin: pin)
        return Letter(
            subject: text.subject, text: text.text, link: text.link, language: language, sender: account.displayName)
    }

    /// Where mail reaches these colleagues. One who is not there any more, or has no address that mail can be sent to, is refused:
    /// whoever invites would believe that they were told.
    private func mailAddresses(of wanted: Set<AccountID>, in organization: OrganizationID) async throws -> [String] {
        let cards = try await identity.cards(of: Array(wanted), in: organization)
        guard Set(cards.map(\.account)) == wanted else {
            throw ProblemError.validation([.init("accounts", .notAllowed)])
        }
        let addresses = cards.compactMap(\.email).compactMap { try? MailAddress.normalized($0) }
        guard addresses.count == wanted.count else { throw ProblemError.validation([.init("accounts", .missing)]) }
        return addresses
    }

    private static func checked(
        _ draft: InvitationDraft
    ) throws(ProblemError) -> (invitees: [String], accounts: Set<AccountID>, language: InvitationLanguage) {
        var checks = FieldChecks()
        let accounts = draft.accounts ?? []
        let invitees = checks.check("invitees") { () throws(FieldRefusal) in
            guard !(draft.invitees.isEmpty && accounts.isEmpty) else { throw FieldRefusal(.missing) }
            return try MailAddress.list(draft.invitees)
        }
        _ = checks.check("accounts") { () throws(FieldRefusal) in
            // Before anybody knows which address is whose.
            guard accounts.count <= Limits.invitees,
                (invitees?.count ?? 0) + Set(accounts).count <= Limits.invitees
            else { throw FieldRefusal(.tooLong) }
            guard accounts.allSatisfy({ $0.rawValue == RoomID(path: $0.rawValue)?.rawValue }) else {
                throw FieldRefusal(.badFormat)
            }
        }
        let language = checks.check("language") { () throws(FieldRefusal) in
            try InvitationLanguage.checked(draft.language) ?? .english
        }
        guard checks.problems.isEmpty, let invitees, let language else { throw .validation(checks.problems) }
        return (invitees, Set(accounts), language)
    }

    private static func refused<T>(
        as field: String, _ body: () throws(FieldRefusal) -> T
    ) throws(ProblemError) -> T {
        do throws(FieldRefusal) {
            return try body()
        } catch {
            throw .validation([.init(field, error.reason)])
        }
    }
}

extension ProblemError {
    static let mailUnavailable = ProblemError(
        .conflict, .mailUnavailable, "No mail can be sent from here: no mail server is set up.")
}
