import Logging
import ParleyProtocol
import ServiceKit
import Synchronization

/// What directory asks of signaling: what goes on in rooms, and to end a meeting or to go by another policy.
///
/// Rooms can be managed while signaling is away: then nothing is known about the people in them.
final class SignalingCalls: Sendable {
    /// Most rooms of one question.
    private static let batch = 200
    /// After signaling gave no answer it is left alone for so long, so that not every list waits for it.
    private static let rest = Duration.seconds(3)

    private let quick: ServiceClient
    private let patient: ServiceClient
    private let logger: Logger
    private let resumesAt = Mutex<ContinuousClock.Instant?>(nil)

    init(baseURL: String, tokens: ServiceTokens, logger: Logger) {
        quick = ServiceClient(
            from: .directory, to: .signaling, baseURL: baseURL, tokens: tokens, timeout: .milliseconds(800))
        patient = ServiceClient(
            from: .directory, to: .signaling, baseURL: baseURL, tokens: tokens, timeout: .seconds(3))
        self.logger = logger
    }

    /// What goes on in a room.
    struct State: Sendable {
        /// People inside now.
        var people: Int
        /// Nothing when no meeting runs.
        var running: RunningRoom?
    }

    /// Rooms about which nothing could be learned are not in the answer.
    func states(of rooms: [RoomID]) async -> [RoomID: State] {
        guard !rooms.isEmpty, !isResting else { return [:] }
        do throws(ServiceCallError) {
            let query = OccupancyQuery(rooms: Array(rooms.prefix(Self.batch)))
            let view = try await quick.post("/internal/occupancy", query, as: OccupancyView.self)
            return view.occupancy.reduce(into: [:]) {
                $0[RoomID($1.key)] = State(people: $1.value, running: view.rooms?[$1.key])
            }
        } catch {
            resumesAt.withLock { $0 = .now + Self.rest }
            logger.info("The occupancy of rooms is not known", metadata: ["error": "\(error)"])
            return [:]
        }
    }

    /// Ends the room's running meeting, if there is one; doing it twice is harmless.
    /// - Throws: `ServiceCallError` when signaling has not confirmed it.
    func endMeeting(in room: RoomID) async throws {
        do {
            try await patient.post("/internal/rooms/\(room)/end", EndMeetingRequest(reason: .roomDeleted))
        } catch {
            // Not found: no meeting runs.
            guard error.status == 404 else { throw error }
        }
    }

    /// What holds in the room's running meeting from now on, if there is one; doing it twice is harmless.
    /// - Throws: `ServiceCallError` when signaling has not confirmed it.
    func setPolicy(_ policy: RoomPolicy, in room: RoomID) async throws {
        try await patient.put("/internal/rooms/\(room)/policy", policy)
    }

    private var isResting: Bool {
        resumesAt.withLock { resumesAt in resumesAt.map { ContinuousClock.now < $0 } ?? false }
    }
}
