import Logging
import ParleyProtocol
import ServiceKit

/// What all rooms of this process share.
struct RoomServices: Sendable {
    /// Name of this process among the signaling nodes, different after each start.
    let node: String
    let store: SeatStore
    let media: MediaPlane
    let presence: PresenceLeases
    let directory: AttendanceReports
    let locks: RoomLocks
    let bans: BanCalls
    let turn: TurnCredentials
    let resumeTokens: ResumeTokens
    let tickets: TicketTokens
    let times: SignalingTimes
    let drain: SocketDrain
    /// Whether a session has ended before its time, as far as it is known here.
    let hasEnded: @Sendable (SessionID) -> Bool
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
    /// How much of the grace is over, at least, when a silent socket is noticed: it may have broken just after a ping.
    var silence: Duration = .seconds(Limits.pingTimeout - Limits.ping)
    /// How long a socket may take to its first message.
    var hello: Duration = .seconds(Limits.hello)
    /// How often a room looks after its deadlines.
    var tick: Duration = .seconds(1)
    /// The roster is told to the media half at most this often.
    var rosterPause: Duration = .milliseconds(50)
    /// Moderators are told of the lobby at most this often.
    var lobbyPause: Duration = .milliseconds(200)
    /// How often who stands in line or waits in the lobby asks again, besides when something changes for them.
    var line: Duration = .seconds(Limits.lineLease) / 3
    /// How often each partition's mark is looked at. Shorter than half of the rebuild window.
    var beat: Duration = .seconds(2)
    /// How long only those come in who were inside, after Redis has lost its memory.
    var rebuild: Duration = .seconds(6)
    /// The same after a restart of Redis that has kept its data.
    var rebuildWithData: Duration = .milliseconds(2_500)
    /// How often a room's media are held against its seats.
    var mediaCheck: Duration = .seconds(3)
    /// Between two changes of the owner of one seat.
    var ownerPause: Duration = .milliseconds(500)
    /// Of a room's chat after its last use.
    var chatRetention: Duration = .seconds(Limits.chatRetention)
    /// How much more one socket and one room may say than people at browsers need.
    var rateFactor: Double = 1
    /// At the end of the process, clients are asked to move within this time,
    var drainSpread: Duration = .seconds(3)
    /// and those that have not moved are cut off after this one.
    var drainLimit: Duration = .seconds(25)

    /// A node that could not renew for so long serves its seats no more, before others can get them.
    var trust: Duration { lease - max(tick * 2, lease / 9) }

    var seats: SeatRules {
        SeatRules(
            lease: lease.milliseconds, lineLease: (line * 3).milliseconds, rebuild: rebuild.milliseconds,
            rebuildWithData: rebuildWithData.milliseconds,
            silence: (beat * 5).milliseconds, chatRetention: Int(chatRetention / .seconds(1)),
            ownerPause: ownerPause.milliseconds)
    }
}

extension Duration {
    fileprivate var milliseconds: Int { Int(self / .milliseconds(1)) }
}
