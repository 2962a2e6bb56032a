import Logging
import ParleyProtocol

/// What all rooms of this process share.
struct RoomServices: Sendable {
    /// Name of this process among the signaling nodes, different after each start.
    let node: String
    let store: SeatStore
    let media: MediaPlane
    let presence: PresenceLeases
    let directory: RoomUses
    let turn: TurnCredentials
    let times: SignalingTimes
    let logger: Logger
    let subscribe: Subscribe

    /// Listens to a channel of Redis. The answer ends it.
    typealias Subscribe =
        @Sendable (_ room: RoomID, _ fanOut: FanOut) async throws -> @Sendable () async -> Void
}

/// The times that a live room goes by. They are those of `Limits` but in tests.
struct SignalingTimes: Sendable {
    /// Of a seat, in Redis.
    var lease: Duration = .seconds(Limits.seatLease)
    var renewal: Duration = .seconds(Limits.seatRenewal)
    /// How long a seat is kept without a socket.
    var grace: Duration = .seconds(Limits.resumeGrace)
    /// How long a socket may take to its first message.
    var hello: Duration = .seconds(Limits.hello)
    /// How often a room looks after its deadlines.
    var tick: Duration = .seconds(1)
    /// The roster is told to the media half at most this often.
    var rosterPause: Duration = .milliseconds(50)

    /// A node that could not renew for so long serves its seats no more, before others can get them.
    var trust: Duration { lease - max(tick * 2, lease / 9) }

    var leaseMilliseconds: Int { Int(lease / .milliseconds(1)) }
}
