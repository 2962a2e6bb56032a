import ParleyProtocol
import TestSupport
import Testing

@testable import SignalingService

/// Janus 1.1.2 reads freed memory when a room is destroyed, or somebody is kicked, while the session of somebody in it goes
/// away: that was one crash in some hundred meetings.
@Suite("The end of a meeting at a media node", .timeLimit(.minutes(1)))
struct RoomEndingTests {
    /// One meeting: some come, and the room ends at one process while they leave at another.
    private func meet(_ planes: [MediaPlane], _ janus: JanusServerProcess) async throws {
        let fixture = MediaFixture()
        var seats: [ParticipantMedia] = []
        for (number, plane) in planes.enumerated() {
            for place in 1...3 {
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

    @Test("Janus survives that all leave while their meeting ends, and keeps nothing of it")
    func leavingAtTheEnd() async throws {
        try await JanusServerProcess.withServer { janus in
            try await MediaFixture().withPlanes(2, janus) { planes in
                try await withThrowingTaskGroup { group in
                    for _ in 1...4 {
                        group.addTask { for _ in 1...40 { try await meet(planes, janus) } }
                    }
                    try await group.waitForAll()
                }
                try await eventually("no room is left") {
                    let rooms = try await JanusProbe(janus: janus).rooms()
                    return rooms.isEmpty ? nil : "\(rooms)"
                }
            }
            #expect(await janus.isRunning)
        }
    }
}
