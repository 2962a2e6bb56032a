import Foundation
import HTTPTypes
import Hummingbird
import Logging
import ParleyProtocol
import Redis
import ServiceKit

/// An owner's rooms over HTTP.
struct RoomRoutes: Sendable {
    /// How many rooms a page of the list has.
    private static let page = 1...100
    /// How many aliases an account may ask about in a minute; enough for whoever types.
    static let aliasCheckLimit = 120

    let store: RoomStore
    let vault: PINVault
    let signaling: SignalingCalls
    let endings: MeetingEndings
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

    /// For signaling only.
    func addInternal(to group: RouterGroup<ServiceRequestContext>) {
        group.post("rooms/{room}/use") { try await use($0, $1) }
    }

    // MARK: Reading

    private func list(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let owner = try context.requireAccount()
        let limit = try request.queryInt("limit", in: Self.page, default: 50)
        var cursor: RoomCursor?
        if let text = try request.queryText("cursor") {
            guard let parsed = RoomCursor(text) else { throw ProblemError.validation([.init("cursor", .badFormat)]) }
            cursor = parsed
        }
        var rooms = try await store.rooms(of: owner, after: cursor, limit: limit + 1)
        let hasMore = rooms.count > limit
        if hasMore { rooms.removeLast() }
        let occupancy = await signaling.occupancy(of: rooms.map(\.id))
        let views = try rooms.map { try $0.view(vault: vault, occupancy: occupancy[$0.id]) }
        let next = hasMore ? rooms.last.map { RoomCursor(after: $0).text } : nil
        return try jsonResponse(RoomList(items: views, nextCursor: next))
    }

    private func show(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let owner = try context.requireAccount()
        guard let room = try await store.room(try roomID(context), of: owner) else { throw ProblemError.noSuchRoom }
        return try await answer(room)
    }

    private func checkAlias(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let account = try context.requirePermission(.createRooms).account
        let decision = try await aliasChecks.hit(account.rawValue)
        guard decision.allowed else { throw ProblemError.tooManyRequests(retryAfter: decision.retryAfter) }
        let text = try context.parameter("alias")
        let alias: String
        do throws(FieldRefusal) {
            alias = try RoomAlias.normalized(text)
        } catch {
            let shown = String(text.prefix(Limits.roomAlias.upperBound)).lowercased()
            return try jsonResponse(AliasCheck(alias: shown, available: false, reason: error.reason))
        }
        let isTaken = try await store.isTaken(alias: alias)
        return try jsonResponse(AliasCheck(alias: alias, available: !isTaken, reason: isTaken ? .taken : nil))
    }

    // MARK: Changing

    private func create(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let owner = try context.requirePermission(.createRooms)
        let content = try RoomContent(try await decodeBody(RoomDraft.self, from: request, context: context))
        let id = RoomID.random()
        let sealedPIN = try content.pin.map { try vault.seal($0, room: id) }
        do {
            let room = try await store.create(
                id, owner: owner, content: content, alias: content.alias ?? RoomAlias.random(), sealedPIN: sealedPIN)
            return try await answer(room, status: .created)
        } catch is RoomStore.AliasTaken {
            throw ProblemError.aliasTaken
        }
    }

    private func change(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let owner = try context.requireAccount()
        let id = try roomID(context)
        let wanted = try WantedVersion(header: request.headers[.ifMatch])
        let content = try RoomContent(try await decodeBody(RoomDraft.self, from: request, context: context))
        let sealedPIN = try content.pin.map { try vault.seal($0, room: id) }
        do {
            let change = try await store.change(
                id, owner: owner, wanted: wanted, content: content, sealedPIN: sealedPIN)
            return try await answer(try Self.room(change))
        } catch is RoomStore.AliasTaken {
            throw ProblemError.aliasTaken
        }
    }

    private func delete(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let owner = try context.requireAccount()
        let wanted = try WantedVersion(header: request.headers[.ifMatch])
        let room = try Self.room(try await store.delete(try roomID(context), owner: owner, wanted: wanted))
        context.logger.info("Room deleted", metadata: ["room.id": "\(room.id)", "account.id": "\(owner.account)"])
        await endings.end(room.id)
        return emptyResponse()
    }

    private func use(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        try context.requireCaller(.signaling)
        _ = try await decodeBody(RoomUse.self, from: request, context: context)
        guard try await store.touch(try roomID(context)) else { throw ProblemError.noSuchRoom }
        return emptyResponse()
    }

    // MARK: Parts

    private func answer(_ room: Room, status: HTTPResponse.Status = .ok) async throws -> Response {
        let occupancy = await signaling.occupancy(of: [room.id])[room.id]
        var headers: HTTPFields = [.eTag: WantedVersion.entityTag(room.version)]
        if status == .created { headers[.location] = "/api/directory/rooms/\(room.id)" }
        return try jsonResponse(try room.view(vault: vault, occupancy: occupancy), status: status, headers: headers)
    }

    private func roomID(_ context: ServiceRequestContext) throws(ProblemError) -> RoomID {
        guard let id = RoomID(path: try context.parameter("room")) else { throw .noSuchRoom }
        return id
    }

    private static func room(_ change: RoomStore.Change) throws(ProblemError) -> Room {
        switch change {
        case .done(let room): return room
        case .noSuchRoom: throw .noSuchRoom
        case .otherVersion:
            throw ProblemError(.preconditionFailed, .preconditionFailed, "The room was changed in the meantime.")
        }
    }
}

extension ProblemError {
    static let noSuchRoom = ProblemError(.notFound, .roomNotFound, "There is no such room.")
    static let aliasTaken = ProblemError(
        .conflict, .aliasTaken, "Another room has this alias.", fields: [FieldProblem("alias", .taken)])
}
