import HTTPTypes
import Hummingbird
import ParleyProtocol
import ServiceKit

/// What the routes of rooms have in common: reading the path, and answering with rooms as they are now.
struct RoomAnswers: Sendable {
    let vault: PINVault
    let signaling: SignalingCalls
    let appointments: AppointmentStore
    /// Days for which an expired room is kept.
    let graceDays: Int

    /// A room with its `ETag`.
    func answer(
        _ room: Room, for account: AccessClaims, status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        var headers: HTTPFields = [.eTag: WantedVersion.entityTag(room.version)]
        if status == .created { headers[.location] = "/api/directory/rooms/\(room.id)" }
        let views = try await views([room], for: account)
        return try jsonResponse(views.first, status: status, headers: headers)
    }

    func views(_ rooms: [Room], for account: AccessClaims) async throws -> [RoomView] {
        let states = await signaling.states(of: rooms.map(\.id))
        let next = try await appointments.next(of: rooms.map(\.id))
        return rooms.map { room in
            room.view(
                for: account, vault: vault, graceDays: graceDays,
                .init(occupancy: states[room.id]?.people, next: next[room.id]))
        }
    }

    static func roomID(_ context: ServiceRequestContext) throws(ProblemError) -> RoomID {
        guard let id = RoomID(path: try context.parameter("room")) else { throw .noSuchRoom }
        return id
    }

    /// Who changes something, and from where.
    static func editor(_ context: ServiceRequestContext) throws(ProblemError) -> RoomEditor {
        RoomEditor(claims: try context.requireAccount(), source: context.clientAddress ?? "unknown")
    }
}

extension RoomStore {
    /// The room of the path.
    /// - Throws: 404 unless the account manages it.
    func managed(_ context: ServiceRequestContext, by account: AccessClaims) async throws -> Room {
        guard let room = try await room(try RoomAnswers.roomID(context), of: account) else {
            throw ProblemError.noSuchRoom
        }
        return room
    }

    /// What became of a change that only the owner may make.
    /// - Throws: 412; 404, or for a deputy, who knows the room and may not do this, 403.
    func ownersChange(_ change: Change, of id: RoomID, by account: AccessClaims) async throws -> Room {
        if case .noSuchRoom = change, try await room(id, of: account) != nil { throw ProblemError.forbidden }
        return try change.get()
    }
}

extension RoomStore.Change {
    /// - Throws: 404 and 412.
    func get() throws(ProblemError) -> Room {
        switch self {
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
    static let tooManyRooms = ProblemError(
        .conflict, .limitReached, "You have \(Limits.roomsPerOwner) rooms; there can't be more.")
    static let personalRoom = ProblemError(.conflict, .personalRoom, "A personal room can't be deleted.")
}
