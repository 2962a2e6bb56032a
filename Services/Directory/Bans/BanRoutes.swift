import Foundation
import Hummingbird
import ParleyProtocol
import ServiceKit

/// Bans: made by signaling when a moderator wants it, seen and lifted by those who manage the room.
struct BanRoutes: Sendable {
    let rooms: RoomStore
    let bans: BanStore

    func add(to group: RouterGroup<ServiceRequestContext>) {
        group.get("rooms/{room}/bans") { try await list($0, $1) }
        group.delete("rooms/{room}/bans/{ban}") { try await lift($0, $1) }
    }

    /// For signaling only.
    func addInternal(to group: RouterGroup<ServiceRequestContext>) {
        group.post("rooms/{room}/bans") { try await ban($0, $1) }
    }

    private func list(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let room = try await rooms.managed(context, by: try context.requireAccount())
        return try jsonResponse(try await bans.list(of: room.id))
    }

    private func lift(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let account = try context.requireAccount()
        let room = try await rooms.managed(context, by: account)
        let actor = AuditActor(name: account.displayName, account: account.account, source: context.source)
        guard let id = UUID(text: try context.parameter("ban")),
            try await bans.lift(BanID(id.uuidString.lowercased()), in: room, by: actor)
        else { throw ProblemError.notFound }
        return emptyResponse()
    }

    private func ban(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        try context.requireCaller(.signaling)
        let ban = try Ban(try await decodeBody(BanReport.self, from: request, context: context))
        guard let room = RoomID(path: try context.parameter("room")), try await bans.add(ban, in: room) else {
            throw ProblemError.noSuchRoom
        }
        return emptyResponse()
    }
}

extension BanStore {
    /// For who wants to come in, after the PIN was right. Who manages the room is not asked for.
    /// - Throws: 403 `banned`.
    func checkBan(_ room: Room, _ account: AccessClaims?, source: String) async throws {
        guard try await isBanned(account?.account, source: source, in: room.id) else { return }
        throw ProblemError(.forbidden, .banned, "A moderator has removed you from this room.")
    }
}
