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
