import Hummingbird
import ParleyProtocol
import ServiceKit

/// What is done to a room beside its content: renew, lock, deputies, one's own order.
struct RoomStateRoutes: Sendable {
    let store: RoomStore
    let answers: RoomAnswers
    let orders: MeetingOrders
    let identity: IdentityCalls

    func add(to group: RouterGroup<ServiceRequestContext>) {
        group.put("rooms/order") { try await arrange($0, $1) }
        group.post("rooms/{room}/renew") { try await renew($0, $1) }
        group.put("rooms/{room}/lock") { try await lock($0, $1) }
        group.put("rooms/{room}/deputies") { try await setDeputies($0, $1) }
    }

    /// For signaling only.
    func addInternal(to group: RouterGroup<ServiceRequestContext>) {
        group.put("rooms/{room}/lock") { try await noteLock($0, $1) }
    }

    private func renew(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let editor = try RoomAnswers.editor(context)
        let room = try await store.renew(try RoomAnswers.roomID(context), by: editor).get()
        return try await answers.answer(room, for: editor.claims)
    }

    private func lock(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let editor = try RoomAnswers.editor(context)
        let id = try RoomAnswers.roomID(context)
        let lock = try await decodeBody(RoomLock.self, from: request, context: context)
        let room = try await store.lock(id, lock.locked, by: editor).get()
        await orders.tell(room.policy, of: id)
        return try await answers.answer(room, for: editor.claims)
    }

    private func setDeputies(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let editor = try RoomAnswers.editor(context)
        let id = try RoomAnswers.roomID(context)
        let wanted = try WantedVersion(header: request.headers[.ifMatch])
        let list = try await decodeBody(DeputyList.self, from: request, context: context)
        try await checkDeputies(list.deputies, editor.claims)
        let change = try await store.setDeputies(id, list.deputies, by: editor, wanted: wanted)
        let room = try await store.ownersChange(change, of: id, by: editor.claims)
        return try await answers.answer(room, for: editor.claims)
    }

    /// Deputies are colleagues: accounts of the owner's organization that may sign in.
    private func checkDeputies(_ deputies: [AccountID], _ owner: AccessClaims) async throws {
        guard deputies.count <= Limits.deputies else { throw ProblemError.validation([.init("deputies", .tooLong)]) }
        guard deputies.allSatisfy({ $0.rawValue == RoomID(path: $0.rawValue)?.rawValue }) else {
            throw ProblemError.validation([.init("deputies", .badFormat)])
        }
        let known = try await identity.cards(of: deputies, in: owner.organization).map(\.account)
        guard Set(deputies).isSubset(of: known) else { throw ProblemError.validation([.init("deputies", .notAllowed)]) }
    }

    private func arrange(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let account = try context.requireAccount()
        let order = try await decodeBody(RoomOrder.self, from: request, context: context)
        guard order.rooms.count <= 2 * Limits.roomsPerOwner else {
            throw ProblemError.validation([.init("rooms", .tooLong)])
        }
        let rooms = order.rooms.compactMap { RoomID(path: $0.rawValue) }
        guard rooms.count == order.rooms.count else { throw ProblemError.validation([.init("rooms", .badFormat)]) }
        try await store.arrange(rooms, of: account)
        return emptyResponse()
    }

    private func noteLock(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        try context.requireCaller(.signaling)
        let report = try await decodeBody(LockReport.self, from: request, context: context)
        guard try await store.note(report, of: try RoomAnswers.roomID(context)) else {
            throw ProblemError.noSuchRoom
        }
        return emptyResponse()
    }
}
