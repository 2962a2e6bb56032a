import Hummingbird
import Logging
import ParleyProtocol
import ServiceKit

/// What directory asks of signaling, below `/internal`.
struct OccupancyRoutes: Sendable {
    private static let maximumRooms = 200

    let store: SeatStore
    let logger: Logger

    func add(to router: RouterGroup<ServiceRequestContext>) {
        router.post("occupancy", use: occupancy)
        router.post("rooms/:roomId/end", use: end)
        router.put("rooms/:roomId/policy", use: policy)
    }

    @Sendable
    private func occupancy(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        try context.requireCaller(.directory)
        let query = try await decodeBody(OccupancyQuery.self, from: request, context: context)
        guard query.rooms.count <= Self.maximumRooms else {
            throw ProblemError.validation([FieldProblem("rooms", .tooLong)])
        }
        let (people, running) = try await reachingRedis {
            let people = try await store.occupancy(query.rooms)
            return (people, try await store.states(people.filter { $0.value > 0 }.map(\.key)))
        }
        let occupancy = Dictionary(
            query.rooms.map { ($0.rawValue, people[$0] ?? 0) }, uniquingKeysWith: { first, _ in first })
        let rooms = Dictionary(running.map { ($0.key.rawValue, $0.value) }, uniquingKeysWith: { first, _ in first })
        return try jsonResponse(OccupancyView(occupancy: occupancy, rooms: rooms))
    }

    @Sendable
    private func end(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        try context.requireCaller(.directory)
        let room = RoomID(try context.parameter("roomId"))
        guard room.isWellFormed else { throw ProblemError.notFound }
        let body = try await decodeBody(EndMeetingRequest.self, from: request, context: context)
        try await reachingRedis {
            try await store.end(room, reason: body.reason, closed: body.reason == .roomDeleted)
        }
        logger.info("A meeting was ended", metadata: ["room": "\(room)", "reason": "\(body.reason.rawValue)"])
        return emptyResponse()
    }

    /// What holds in the room has changed; of two the one with the higher version holds.
    @Sendable
    private func policy(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        try context.requireCaller(.directory)
        let room = RoomID(try context.parameter("roomId"))
        guard room.isWellFormed else { throw ProblemError.notFound }
        let policy = try await decodeBody(RoomPolicy.self, from: request, context: context)
        try await reachingRedis { try await store.setPolicy(room, policy) }
        return emptyResponse()
    }

    private func reachingRedis<Result>(_ call: () async throws -> Result) async throws -> Result {
        do {
            return try await call()
        } catch {
            logger.warning("Redis did not answer", metadata: ["error": "\(error)"])
            throw ProblemError.unavailable()
        }
    }
}

extension RoomID {
    /// Whether it has the form of a UUID in lower case, as all rooms' ids have.
    var isWellFormed: Bool {
        let groups = rawValue.split(separator: "-", omittingEmptySubsequences: false)
        return groups.map(\.utf8.count) == [8, 4, 4, 4, 12]
            && groups.allSatisfy { $0.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) } }
    }
}
