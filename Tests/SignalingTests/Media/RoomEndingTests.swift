import ParleyProtocol
import TestSupport
import Testing

@testable import SignalingService

/// Janus 1.1.2 reads freed memory when a room is destroyed, or somebody is kicked, while the session of somebody in it goes
/// away: that was one crash in some hundred meetings of a busy machine. The crash itself is luck, so the order is what is tested.
@Suite("The end of a meeting at a media node", .timeLimit(.minutes(3)))
struct RoomEndingTests {
    /// Rooms end soon after their meetings, and a busy machine is not one that is away.
    private static var times: MediaTimes {
        var times = MediaTimes()
        times.round = .milliseconds(300)
        times.probe = .seconds(10)
        return times
    }

    /// One meeting: some come, and the room ends at one process while they leave at another.
    private func meet(_ planes: [MediaPlane], _ janus: JanusServerProcess) async throws {
        let fixture = MediaFixture()
        var seats: [ParticipantMedia] = []
        for (number, plane) in planes.enumerated() {
            for place in 1...2 {
                let media = await plane.open(fixture.seat("p\(number)-\(place)", janus), events: { _ in })
                try await media.subscribe()
                seats.append(media)
            }
        }
        await withTaskGroup { group in
            for media in seats { group.addTask { await media.close() } }
            for plane in planes {
                group.addTask { await plane.endMeeting(room: fixture.room, meeting: fixture.meeting, node: janus.url) }
            }
        }
    }

    private func meetAgainAndAgain(_ planes: [MediaPlane], _ janus: JanusServerProcess) async throws {
        try await withThrowingTaskGroup { group in
            for _ in 1...2 {
                group.addTask { for _ in 1...20 { try await meet(planes, janus) } }
            }
            try await group.waitForAll()
        }
        try await eventually(timeout: .seconds(30), "no room is left") {
            let rooms = try await JanusProbe(janus: janus).rooms()
            return rooms.isEmpty ? nil : "\(rooms)"
        }
    }

    @Test("a room whose meeting has ended stays until the last one has left it")
    func stays() async throws {
        try await JanusServerProcess.withServer { janus in
            try await MediaFixture.running([MediaFixture().plane([janus], times: Self.times)]) { planes, _ in
                let (inhabited, empty) = (MediaFixture(), MediaFixture())
                let stayer = await planes[0].open(inhabited.seat("stayer", janus), events: { _ in })
                let leaver = await planes[0].open(empty.seat("leaver", janus), events: { _ in })
                for media in [stayer, leaver] { try await media.subscribe() }
                await leaver.close()
                for ended in [inhabited, empty] {
                    await planes[0].endMeeting(room: ended.room, meeting: ended.meeting, node: janus.url)
                }
                let probe = JanusProbe(janus: janus)
                try await eventually("the empty room's end") {
                    try await probe.rooms().contains(empty.name.rawValue) ? "it is there" : nil
                }
                #expect(try await probe.rooms() == [inhabited.name.rawValue])
                await stayer.close()
                try await eventually("the other's end") { try await probe.rooms().isEmpty ? nil : "it is there" }
            }
        }
    }

    @Test("Janus survives that all leave while their meeting ends, and keeps nothing of it")
    func leavingAtTheEnd() async throws {
        try await JanusServerProcess.withServer { janus in
            let planes = (1...2).map { _ in MediaFixture().plane([janus], times: Self.times) }
            try await MediaFixture.running(planes) { planes, _ in
                do {
                    try await meetAgainAndAgain(planes, janus)
                } catch {
                    // To whoever comes next a crash is a node that is away.
                    #expect(await janus.isRunning, "Janus has crashed")
                    throw error
                }
            }
            #expect(await janus.isRunning, "Janus has crashed")
        }
    }
}
