import Foundation
import HTTPTypes
import Hummingbird
import Logging
import ParleyProtocol
import Redis
import ServiceKit

/// The rooms that somebody manages, over HTTP.
struct RoomRoutes: Sendable {
    /// How many rooms a page of the list has.
    private static let page = 1...100
    /// How many aliases an account may ask about in a minute; enough for whoever types.
    static let aliasCheckLimit = 120

    let store: RoomStore
    let answers: RoomAnswers
    let orders: MeetingOrders
    /// Looks for free aliases, by account: nobody finds rooms by asking what is taken.
    let aliasChecks: FixedWindow

    static func aliasChecks(redis: RedisClient, keyPrefix: String) -> FixedWindow {
        FixedWindow(
            redis: redis, name: "alias-check", limit: aliasCheckLimit, window: .seconds(60), keyPrefix: keyPrefix)
    }

    func add(to group: RouterGroup<ServiceRequestContext>) {
        group.get("rooms") { try await list($0, $1) }
        group.post("rooms") { try await create($0, $1) }
        group.get("rooms/{room}") { try await show($0, $1) }
        group.put("rooms/{room}") { try await change($0, $1) }
        group.delete("rooms/{room}") { try await delete($0, $1) }
        group.get("aliases/{alias}") { try await checkAlias($0, $1) }
    }

    // MARK: Reading

    /// `GET /rooms?search=&sort=&cursor=&limit=`. The first time makes an organizer's personal room.
    private func list(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let account = try context.requireAccount()
        let query = try Self.query(request)
        if query.cursor == nil { try await store.prepare(account) }
        let (rooms, next) = try await store.rooms(of: account, query)
        let views = try await answers.views(rooms, for: account)
        return try jsonResponse(RoomList(items: views, nextCursor: try next?.text))
    }

    private static func query(_ request: Request) throws(ProblemError) -> RoomQuery {
        var query = RoomQuery(limit: try request.queryInt("limit", in: page, default: 50))
        if let text = try request.queryText("sort") {
            guard let sort = RoomSort(rawValue: text) else { throw .validation([.init("sort", .badFormat)]) }
            query.sort = sort
        }
        query.search = try request.queryText("search") ?? ""
        guard !query.search.utf8.contains(0) else { throw .validation([.init("search", .badFormat)]) }
        if let text = try request.queryText("cursor", maximumBytes: RoomCursor.longest) {
            guard let cursor = RoomCursor(text), cursor.sort == query.sort else {
                throw .validation([.init("cursor", .badFormat)])
            }
            query.cursor = cursor
        }
        return query
    }

    private func show(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let account = try context.requireAccount()
        return try await answers.answer(try await store.managed(context, by: account), for: account)
    }

    /// `GET /aliases/{alias}?room=`, with the room that is edited. One that the person does not manage, or that is none, is as good as none:
    /// the answer tells nothing of it.
    private func checkAlias(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let account = try context.requireAccount()
        let decision = try await aliasChecks.hit(account.account.rawValue)
        guard decision.allowed else { throw ProblemError.tooManyRequests(retryAfter: decision.retryAfter) }
        let text = try context.parameter("alias")
        let alias: String
        do throws(FieldRefusal) {
            alias = try RoomAlias.normalized(text)
        } catch {
            let shown = String(text.prefix(Limits.roomAlias.upperBound)).lowercased()
            return try jsonResponse(AliasCheck(alias: shown, available: false, reason: error.reason))
        }
        let room = request.uri.queryParameters.get("room").flatMap { RoomID(path: $0) }
        let isTaken = try await store.isTaken(alias: alias, by: account, for: room)
        return try jsonResponse(AliasCheck(alias: alias, available: !isTaken, reason: isTaken ? .taken : nil))
    }

    // MARK: Changing

    private func create(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let owner = try context.requirePermission(.createRooms)
        let content = try RoomContent(try await decodeBody(RoomDraft.self, from: request, context: context))
        let id = RoomID.random()
        let sealedPIN = try content.pin.map { try answers.vault.seal($0, room: id) }
        do {
            let room = try await store.create(
                id, by: try RoomAnswers.editor(context), content: content, sealedPIN: sealedPIN)
            return try await answers.answer(room, for: owner, status: .created)
        } catch is RoomStore.AliasTaken {
            throw ProblemError.aliasTaken
        } catch is RoomStore.TooManyRooms {
            throw ProblemError.tooManyRooms
        } catch is RoomStore.FormerOwner {
            throw ProblemError.unauthenticated
        }
    }

    private func change(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let editor = try RoomAnswers.editor(context)
        let id = try RoomAnswers.roomID(context)
        let wanted = try WantedVersion(header: request.headers[.ifMatch])
        let content = try RoomContent(try await decodeBody(RoomDraft.self, from: request, context: context))
        let (vault, appointments) = (answers.vault, answers.appointments)
        do {
            let change = try await store.change(id, by: editor, wanted: wanted, content: content) { room in
                if let pin = content.pin, vault.readablePIN(of: room) == pin { return room.sealedPIN }
                return try content.pin.map { try vault.seal($0, room: id) }
            } follow: { old, new, connection in
                try appointments.noteChange(from: old, to: new, by: editor.claims, connection)
            }
            let room = try change.get()
            await orders.tell(room.policy, of: id)
            return try await answers.answer(room, for: editor.claims)
        } catch is RoomStore.AliasTaken {
            throw ProblemError.aliasTaken
        }
    }

    private func delete(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let editor = try RoomAnswers.editor(context)
        let id = try RoomAnswers.roomID(context)
        let wanted = try WantedVersion(header: request.headers[.ifMatch])
        let appointments = answers.appointments
        let change = try await store.delete(id, by: editor, wanted: wanted) { room, connection in
            try appointments.noteDeletion(of: room, by: editor.claims, connection)
        }
        let room = try await store.ownersChange(change, of: id, by: editor.claims)
        context.logger.info(
            "Room deleted", metadata: ["room.id": "\(room.id)", "account.id": "\(editor.claims.account)"])
        await orders.end(room.id)
        return emptyResponse()
    }
}
