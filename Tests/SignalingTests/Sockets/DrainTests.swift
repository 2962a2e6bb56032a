import Foundation
import ParleyProtocol
import TestSupport
import Testing
import WebSockets

@testable import SignalingService

@Suite("The end of a process", .timeLimit(.minutes(1)))
struct DrainTests {
    @Test("clients are asked to move, no new ones come in, and who has moved keeps seat and events")
    func moving() async throws {
        var times = SignalingTimes.forTests()
        times.drainSpread = .milliseconds(200)
        times.drainLimit = .seconds(20)
        try await RedisServerProcess.withServer { [times] server in
            try await TestCluster.run(nodes: 1, redisURL: server.url) { stays in
                try await Self.withStopping(server.url, times, room: stays.room) { stopping, people in
                    for person in people {
                        let drain = try await person.event("session.drain").body(ServerMessage.Drain.self)
                        #expect((0...200).contains(drain.delay))
                    }
                    await #expect(throws: WebSocketError.self) { try await stopping.connect(room: stays.room) }
                    for person in people {
                        #expect(try await person.ask(.sendChat(.init(text: "still here"))).reply != nil)
                        let welcome = try await person.welcome()
                        let moved = try await stays.connect()
                        try await moved.say(
                            .resume(.init(token: welcome.resumeToken, epoch: welcome.epoch, seq: welcome.seq)))
                        _ = try await moved.event("resumed")
                        #expect(try await person.closeCode() == CloseCode.superseded.rawValue)
                    }
                }
                let seats = try await stays.withStore { store, _ in try await store.occupancy([stays.room]) }
                #expect(seats[stays.room] == 2)
            }
        }
    }

    @Test("who has not moved when the time is over is closed with the code to come back")
    func limit() async throws {
        var times = SignalingTimes.forTests()
        times.drainLimit = .milliseconds(500)
        try await RedisServerProcess.withServer { [times] server in
            try await Self.withStopping(server.url, times, room: newRoom()) { _, people in
                for person in people {
                    let code = try await person.closeCode()
                    #expect(code == CloseCode.serviceRestart.rawValue)
                }
            }
        }
    }

    /// Two people at a node that is told to stop while `body` runs.
    private static func withStopping(
        _ redisURL: String, _ times: SignalingTimes, room: RoomID,
        _ body: @escaping @Sendable (TestCluster, [TestPerson]) async throws -> Void
    ) async throws {
        try await TestCluster.run(nodes: 1, redisURL: redisURL, times: times) { stopping in
            var people: [TestPerson] = []
            for name in ["Ada", "Bob"] {
                let person = try await stopping.connect(room: room)
                let ticket = try await stopping.ticket(stopping.claims(name: name, room: room))
                try await person.say(.hello(.init(ticket: ticket)))
                try await person.welcome()
                people.append(person)
            }
            await stopping.stop(0)
            try await body(stopping, people)
        }
    }
}
