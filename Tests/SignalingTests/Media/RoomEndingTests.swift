import ParleyProtocol
import TestSupport
import Testing

@testable import SignalingService

/// Janus 1.1.2 reads freed memory when a room is destroyed, or somebody is kicked, while the session of somebody in it goes
/// away: that was one crash in some hundred meetings.
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
