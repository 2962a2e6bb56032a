import Foundation
import ParleyProtocol
import Redis
import Synchronization
import TestSupport

@testable import SignalingService

/// A room of one test, in the real Redis, with the store that production uses.
struct SeatFixture: Sendable {
    let redis: RedisClient
    let room: RoomID
    let store: SeatStore
    private let endings = Endings()

    private final class Endings: Sendable {
        let notices = Mutex<[SeatNotice]>([])
    }

    static func with(
        lease: Int = 45_000, ownerPause: Int = 0, redisURL: String? = nil,
        _ body: @Sendable (SeatFixture) async throws -> Void
    ) async throws {
        try await withRedisClient(url: redisURL ?? TestRedis().url) { client in
            let fixture = SeatFixture(redis: client, rules: .forTests(lease: lease, ownerPause: ownerPause))
            do {
                try await body(fixture)
            } catch {
                try? await removeRoom(fixture.room, client)
                throw error
            }
            try await removeRoom(fixture.room, client)
        }
    }

    init(redis: RedisClient, rules: SeatRules = .forTests()) {
        self.redis = redis
        room = newRoom()
        let endings = endings
        store = SeatStore(
            redis: redis, rules: rules, notice: { _, notice in endings.notices.withLock { $0.append(notice) } })
    }

    /// In the order in which they came.
    var notices: [SeatNotice] { endings.notices.withLock { $0 } }

    var ended: [EndedMeeting] {
        notices.compactMap { if case .meetingEnded(let ended) = $0 { ended } else { nil } }
    }

    /// Participants whose leases ended.
    var expired: [ParticipantID] { expiries.map(\.participant) }

    var expiries: [(participant: ParticipantID, at: Date)] {
        notices.compactMap {
            if case .expired(let entry, let end) = $0 { (entry.participant.id, end) } else { nil }
        }
    }

    static func entry(_ name: String = RandomName.make(), node: String = "n1") -> SeatEntry {
        SeatEntry(
            participant: Participant(
                id: ParticipantID(name), name: name, role: .participant, guest: true),
            node: node, resumeHash: "hash of \(name)", roomName: "Weekly", roomAlias: "weekly")
    }

    func join(
        _ entry: SeatEntry = entry(), ticket: String = UUID().uuidString, meeting: String = "meeting",
        mediaNode: String = ""
    ) async throws -> JoinOutcome {
        try await store.join(
            room, ticket: ticket, entry: entry, meeting: MeetingID(meeting), mediaNode: mediaNode)
    }

    func joined(_ entry: SeatEntry = entry(), meeting: String = "meeting") async throws -> SeatGrant {
        guard case .joined(let grant) = try await join(entry, meeting: meeting) else { throw Unexpected("no seat") }
        return grant
    }

    /// The events of the room's log: their numbers and JSON.
    func log() async throws -> [(seq: Int, json: String)] {
        let entries = try await redis.send("XRANGE", .init(SeatKeys(room).log), "-", "+").array ?? []
        return entries.compactMap { entry in
            guard let parts = entry.array, let id = parts[0].string, let text = parts[1].array?[1].string,
                let seq = Int(id.split(separator: "-")[0]), let lineEnd = text.firstIndex(of: "\n")
            else { return nil }
            return (seq, String(text[text.index(after: lineEnd)...]))
        }
    }
}

struct Unexpected: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}

func newRoom() -> RoomID { RoomID(UUID().uuidString.lowercased()) }

func removeRoom(_ room: RoomID, _ client: RedisClient) async throws {
    var cursor = "0"
    repeat {
        let page = try await client.send("SCAN", "\(cursor)", "MATCH", "*:\(room.rawValue):*", "COUNT", 1_000)
        guard let parts = page.array, let next = parts[0].string, let keys = parts[1].array else { return }
        if !keys.isEmpty { try await client.send(["DEL"] + keys.compactMap(\.string).map { RedisArgument($0) }) }
        cursor = next
    } while cursor != "0"
}

extension JoinOutcome {
    var grant: SeatGrant? { if case .joined(let grant) = self { grant } else { nil } }
    var isFull: Bool { if case .full = self { true } else { false } }
    var isTicketUsed: Bool { if case .ticketUsed = self { true } else { false } }
    var isLate: Bool { if case .late = self { true } else { false } }
    var isClosed: Bool { if case .closed = self { true } else { false } }
}

extension TakeOverOutcome {
    var transfer: SeatTransfer? { if case .taken(let transfer) = self { transfer } else { nil } }
}

extension SeatRules {
    /// Without a rebuild window, which a Redis that was just started would begin with, and with people who come again at once.
    static func forTests(lease: Int = 45_000, ownerPause: Int = 0) -> SeatRules {
        SeatRules(lease: lease, rebuild: 0, rebuildWithData: 0, ownerPause: ownerPause)
    }
}

extension SignalingTimes {
    /// Without a rebuild window, without waiting at the end, and with people who come again at once.
    static func forTests(lease: Duration? = nil, renewal: Duration? = nil, hello: Duration? = nil) -> SignalingTimes {
        var times = SignalingTimes()
        times.rebuild = .zero
        times.rebuildWithData = .zero
        times.drainSpread = .zero
        times.drainLimit = .zero
        times.ownerPause = .zero
        if let lease { times.lease = lease }
        if let renewal { times.renewal = renewal }
        if let hello { times.hello = hello }
        return times
    }
}
