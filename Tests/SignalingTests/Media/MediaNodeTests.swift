import ParleyProtocol
import Synchronization
import TestSupport
import Testing

@testable import SignalingService

/// Against real Januses.
@Suite("Media nodes", .timeLimit(.minutes(1)))
struct MediaNodeTests {
    private let fixture = MediaFixture()

    private var quick: MediaTimes {
        var times = MediaTimes()
        times.round = .milliseconds(200)
        times.probe = .milliseconds(500)
        times.absence = .seconds(1)
        times.strangers = .seconds(1)
        times.abandonment = .milliseconds(300)
        return times
    }

    private func withTwo(
        _ body: @Sendable (JanusServerProcess, JanusServerProcess) async throws -> Void
    ) async throws {
        try await JanusServerProcess.withServer { first in
            try await JanusServerProcess.withServer { second in try await body(first, second) }
        }
    }

    @Test("a new meeting gets the node with the fewest people, and many are spread before their people come")
    func placement() async throws {
        try await withTwo { first, second in
            try await MediaFixture.running([fixture.plane([first, second], times: quick)]) { planes, _ in
                let plane = planes[0]
                for janus in [first, second] {
                    try await eventually("both nodes") { await plane.isWorking(janus.url) ? nil : "not yet" }
                }
                let media = await plane.open(fixture.seat("a", first), events: { _ in })
                try await media.subscribe()
                try await JanusProbe(janus: first).addPublisher("b", to: fixture.name)
                try await eventually("the load is known") {
                    // Each question counts as one placement, for a round or two.
                    await plane.candidateNode() == second.url ? nil : "not yet"
                }
                try await Task.sleep(for: quick.round * 8)
                var places: [String: Int] = [:]
                for _ in 1...20 { places[await plane.candidateNode() ?? "", default: 0] += 1 }
                #expect((7...11).contains(places[first.url] ?? 0), "\(places)")
                #expect((9...13).contains(places[second.url] ?? 0), "\(places)")
                await media.close()
            }
        }
    }

    @Test("a meeting gets another node only when its own has been away for a while")
    func replacement() async throws {
        try await withTwo { first, second in
            try await MediaFixture.running([fixture.plane([first, second], times: quick)]) { planes, _ in
                let plane = planes[0]
                for janus in [first, second] {
                    try await eventually("both nodes") { await plane.isWorking(janus.url) ? nil : "not yet" }
                }
                #expect(await plane.replacement(for: first.url) == nil)
                await first.kill()
                try await eventually("the loss") { await plane.isWorking(first.url) ? "not seen" : nil }
                #expect(await plane.replacement(for: first.url) == nil, "it may soon be back")
                #expect(await plane.candidateNode() == second.url)
                try await eventually("a replacement") {
                    await plane.replacement(for: first.url) == second.url ? nil : "none"
                }
                try await first.start()
                try await eventually("the return") { await plane.replacement(for: first.url) == nil ? nil : "away" }
            }
        }
    }

    @Test("a Janus that hangs is left within ten seconds, and what it had is destroyed when it is back")
    func hangs() async throws {
        try await JanusServerProcess.withServer { janus in
            try await fixture.withPlanes(1, janus) { planes in
                let ear = MediaEar()
                let media = await planes[0].open(fixture.seat("a", janus), events: ear.hear)
                try await media.subscribe()
                let session = try #require(ear.handles?.session)
                let stopped = ContinuousClock.now
                await janus.pause()
                try await eventually(timeout: .seconds(10), "the loss") { ear.wasLost ? nil : "not told" }
                let took = ContinuousClock.now - stopped
                #expect(took < .seconds(10), "\(took)")
                #expect(await planes[0].isWorking(janus.url) == false)
                await janus.resume()
                try await eventually("the node") { await planes[0].isReady() ? nil : "not back" }
                try await media.subscribe()
                #expect(ear.handles?.session != session)
                await media.close()
            }
        }
    }

    @Test("a Janus that hangs while many rooms wait for their end is left in time, and they end when it is back")
    func hangsAtTheEnd() async throws {
        try await JanusServerProcess.withServer { janus in
            let node = fixture.node(janus, times: quick)
            let running = Task { await node.run() }
            defer { running.cancel() }
            try await eventually("the node") { await node.isWorking ? nil : "not yet" }
            // It takes as long to hear that a room is not there as to destroy one.
            for _ in 1...900 { await node.endRoom(MediaFixture().name) }
            try await eventually("the first have ended") { await node.endedRooms.count < 900 ? nil : "none" }
            await janus.pause()
            try await eventually("the loss") { await node.isWorking ? "not seen" : nil }
            #expect(await node.endedRooms.isEmpty == false)
            await janus.resume()
            try await eventually(timeout: .seconds(30), "all have ended") {
                let left = await node.endedRooms.count
                return left == 0 ? nil : "\(left) are left"
            }
        }
    }

    @Test("after a broken connection nothing stays at Janus, even if nobody comes again")
    func abandoned() async throws {
        try await JanusServerProcess.withServer { janus in
            try await MediaFixture.running([fixture.plane([janus], times: quick)]) { planes, _ in
                let ear = MediaEar()
                let media = await planes[0].open(fixture.seat("a", janus), events: ear.hear)
                try await media.subscribe()
                await janus.pause()
                try await eventually("the loss") { ear.wasLost ? nil : "not told" }
                await janus.resume()
                try await eventually("only the control session is left") {
                    let sessions = try await JanusProbe(janus: janus).sessions()
                    return sessions.count == 1 ? nil : "\(sessions)"
                }
                await media.close()
            }
        }
    }

    @Test("who sends without a seat is taken out, but not a seat in the making or one that this node has not heard of")
    func strangers() async throws {
        try await JanusServerProcess.withServer { janus in
            let probe = JanusProbe(janus: janus)
            // Not quick: a busy machine is not one that is away.
            let times = MediaTimes()
            try await MediaFixture.running([fixture.plane([janus], times: times)]) { planes, _ in
                let ear = MediaEar()
                let media = await planes[0].open(fixture.seat("a", janus), events: ear.hear)
                try await media.subscribe()
                for id in ["stranger", "late", "unheard of"] { try await probe.addPublisher(id, to: fixture.name) }
                let start = ContinuousClock.now
                let look = { (time: Duration, seated: Set<ParticipantID>) in
                    await planes[0].removeStrangers(
                        room: fixture.room, meeting: fixture.meeting, node: janus.url, seated: seated,
                        now: start + time
                    ) { $0 == ParticipantID("unheard of") }
                }
                await look(.zero, [ParticipantID("a")])
                await look(times.strangers - .milliseconds(1), [ParticipantID("a")])
                #expect(try await probe.inside(fixture.name) == ["dummy", "a", "stranger", "late", "unheard of"])
                await look(times.strangers, [ParticipantID("a"), ParticipantID("late")])
                #expect(try await probe.inside(fixture.name) == ["dummy", "a", "late", "unheard of"])
                #expect(!ear.wasLost)
                await media.close()
            }
        }
    }

    @Test("who is taken out is told so, and its session does not stay")
    func kicked() async throws {
        try await JanusServerProcess.withServer { janus in
            try await MediaFixture.running([fixture.plane([janus], times: quick)]) { planes, _ in
                let ear = MediaEar()
                let media = await planes[0].open(fixture.seat("a", janus), events: ear.hear)
                try await media.subscribe()
                let session = try #require(ear.handles?.session)
                try await eventually("the kick") {
                    await planes[0].removeStrangers(
                        room: fixture.room, meeting: fixture.meeting, node: janus.url, seated: []
                    ) { _ in false }
                    return ear.wasLost ? nil : "not told"
                }
                #expect(ear.handles == nil)
                try await eventually("the end") {
                    try await JanusProbe(janus: janus).sessions()[session] == nil ? nil : "still there"
                }
                try await media.subscribe()
                await media.close()
            }
        }
    }

    @Test("rooms are destroyed when nobody is in them and their meeting is known to be over")
    func sweeps() async throws {
        try await JanusServerProcess.withServer { janus in
            let over = MediaFixture(), running = MediaFixture(), unknown = MediaFixture(), inUse = MediaFixture()
            let plane = over.plane([janus], times: quick)
            let sweeper = RoomSweeper(media: plane, every: quick.round) { room, _ in
                switch room {
                case over.room, inUse.room: false
                case running.room: true
                default: nil
                }
            }
            try await MediaFixture.running([plane]) { planes, _ in
                let sweeping = Task { try await sweeper.run() }
                defer { sweeping.cancel() }
                let stays = await planes[0].open(inUse.seat("a", janus), events: { _ in })
                try await stays.subscribe()
                for fixture in [over, running, unknown] {
                    let media = await planes[0].open(fixture.seat("a", janus), events: { _ in })
                    try await media.subscribe()
                    await media.close()
                }
                let probe = JanusProbe(janus: janus)
                try await eventually("the sweep") {
                    try await probe.rooms().contains(over.name.rawValue) ? "still there" : nil
                }
                try await Task.sleep(for: quick.round * 5)
                let left = [running.name.rawValue, unknown.name.rawValue, inUse.name.rawValue]
                #expect(try await Set(probe.rooms()) == Set(left))
                await stays.close()
            }
        }
    }

    @Test("after a meeting neither handle nor session nor room is left, and after the process nothing at all")
    func leavesNothing() async throws {
        try await JanusServerProcess.withServer { janus in
            let probe = JanusProbe(janus: janus)
            try await fixture.withPlanes(2, janus) { planes in
                var all: [ParticipantMedia] = []
                for (index, plane) in planes.enumerated() {
                    let ear = MediaEar()
                    let media = await plane.open(fixture.seat("p\(index)", janus), events: ear.hear)
                    _ = try await media.publish(offer: try MediaFixture.offer())
                    try await media.receive(ear)
                    try await media.receive(ear)
                    all.append(media)
                }
                #expect(try await probe.sessions().values.sorted() == [1, 1, 2, 2])
                for media in all { await media.close() }
                await planes[0].endMeeting(room: fixture.room, meeting: fixture.meeting, node: janus.url)
                try await eventually("the two control sessions alone") {
                    let sessions = try await probe.sessions()
                    return sessions.values.sorted() == [1, 1] ? nil : "\(sessions)"
                }
                try await eventually("no room") { try await probe.rooms().isEmpty ? nil : "rooms" }
            }
            try await eventually("nothing") { try await probe.sessions().isEmpty ? nil : "sessions" }
        }
    }

    @Test("hundreds of sessions are kept alive in few frames")
    func keepsAlive() async throws {
        try await JanusServerProcess.withServer { janus in
            try await MediaFixture.running([fixture.plane([janus], times: quick)]) { planes, _ in
                let ears = (0..<60).map { _ in MediaEar() }
                var all: [ParticipantMedia] = []
                for (index, ear) in ears.enumerated() {
                    let media = await planes[0].open(fixture.seat("p\(index)", janus), events: ear.hear)
                    _ = try await media.attached()
                    all.append(media)
                }
                try await Task.sleep(for: .seconds(1))
                try await eventually("all 61 have been heard of lately") {
                    let idle = try await JanusProbe(janus: janus).idleTimes()
                    return idle.count == 61 && idle.values.allSatisfy { $0 < .milliseconds(800) } ? nil : "\(idle)"
                }
                for media in all { await media.close() }
            }
        }
    }
}
