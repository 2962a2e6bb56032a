import Hummingbird
import ParleyProtocol
import ServiceKit

/// The text of an invitation over HTTP, for those who manage the room.
struct InvitationRoutes: Sendable {
    let rooms: RoomStore
    let vault: PINVault
    let links: RoomLinks

    func add(to group: RouterGroup<ServiceRequestContext>) {
        group.get("rooms/{room}/invitation") { try await show($0, $1) }
    }

    /// `GET …/invitation?language=&pin=`: for the clipboard; in English and without the PIN unless asked for.
    private func show(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let account = try context.requireAccount()
        let language = try request.invitationLanguage() ?? .english
        let wantsPIN = try request.wantsPIN() ?? false
        let room = try await rooms.managed(context, by: account)
        let link = links.link(to: room)
        let letter = InvitationLetter(
            language: language, title: room.name, description: room.description, link: link,
            pin: wantsPIN ? try vault.pin(of: room) : nil)
        return try jsonResponse(InvitationText(subject: letter.subject, text: letter.text, link: link))
    }
}

/// Addresses of rooms for people.
struct RoomLinks: Sendable {
    /// Without a slash at its end.
    let publicURL: String

    func link(to room: Room) -> String { "\(publicURL)/r/\(room.alias)" }
}

extension PINVault {
    /// In clear; `nil` when the room has none.
    /// - Throws: `Problem`.
    func pin(of room: Room) throws -> String? {
        try room.sealedPIN.map { try open($0, room: room.id) }
    }
}

extension Request {
    /// `?language=` of an invitation; `nil` when it is not given.
    func invitationLanguage() throws(ProblemError) -> InvitationLanguage? {
        do throws(FieldRefusal) {
            return try InvitationLanguage.checked(uri.queryParameters.get("language"))
        } catch {
            throw .validation([FieldProblem("language", error.reason)])
        }
    }

    /// `?pin=` of an invitation: whether the PIN is to be in it.
    func wantsPIN() throws(ProblemError) -> Bool? {
        switch try queryText("pin") {
        case nil: nil
        case "true": true
        case "false": false
        default: throw .validation([FieldProblem("pin", .badFormat)])
        }
    }
}
