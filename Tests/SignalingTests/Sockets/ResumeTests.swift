import Foundation
import ParleyProtocol
import TestSupport
import Testing

@testable import SignalingService

@Suite("Resuming", .timeLimit(.minutes(1)))
struct ResumeTests {
    @Test("after a broken socket the seat is taken up at any node, once per token", arguments: [0, 1])
    func resume(node: Int) async throws {
        try await TestCluster.run { cluster in
            let ada = try await cluster.enter("Ada", role: .moderator)
            let bob = try await cluster.enter("Bob", node: 1)
            _ = try await ada.ask(.updateParticipant(.init(name: "Ada L.", microphone: true)))
            let before = try await ada.welcome()
            await ada.vanish()
            _ = try await bob.event("participant.updated") { $0.participant?.connected == false }
            _ = try await bob.ask(.sendChat(.init(text: "missed")))
            let back = try await cluster.resume(before.resumeToken, node: node)
            let after = try await back.welcome()
            #expect(after.resumed && after.participant == before.participant && after.meeting == before.meeting)
            #expect(after.epoch == before.epoch && after.seq > before.seq)
            #expect(after.chat.map(\.text) == ["missed"])
            let me = try #require(after.participants.first { $0.id == after.participant })
            #expect(me.name == "Ada L." && me.role == .moderator && me.state.microphone && me.connected)
            #expect(after.resumeToken != before.resumeToken)
            _ = try await bob.event("participant.updated") {
                $0.participant?.connected == true && $0.participant?.name == "Ada L." && ($0.seq ?? 0) >= after.seq
            }
            let thief = try await cluster.connect(node: 1 - node)
            try await thief.say(.resume(.init(token: before.resumeToken)))
            #expect(try await thief.refused().code == .gone)
            #expect(try await thief.closeCode() == CloseCode.refused.rawValue)
            #expect(await back.isOpen)
            let bobSeqs = await bob.seqs
            #expect(bobSeqs == Array((bobSeqs.first ?? 0)...(bobSeqs.last ?? 0)))
            #expect(await !bob.messages.contains { $0.type == "participant.left" })
        }
    }

    @Test("a second socket with the token takes the seat over, and the first is closed", arguments: [0, 1])
    func superseded(node: Int) async throws {
        try await TestCluster.run { cluster in
            let first = try await cluster.enter("Ada")
            let second = try await cluster.resume(try await first.welcome().resumeToken, node: node)
            let ended = try await first.event("session.ended").body(ServerMessage.SessionEnded.self)
            #expect(ended.reason == .superseded)
            #expect(try await first.closeCode() == CloseCode.superseded.rawValue)
            #expect(try await second.ask(.sendChat(.init(text: "mine"))).reply != nil)
            try await Task.sleep(for: .milliseconds(300))
            #expect(await second.isOpen)
            let seats = try await cluster.withStore { store, _ in try await store.occupancy([cluster.room]) }
            #expect(seats[cluster.room] == 1)
            let third = try await cluster.resume(try await second.welcome().resumeToken, node: 1 - node)
            #expect(try await second.closeCode() == CloseCode.superseded.rawValue)
            #expect(try await third.ask(.sendChat(.init(text: "mine now"))).reply != nil)
        }
    }

    @Test("of many who resume with one token at once, one gets the seat")
    func race() async throws {
        try await TestCluster.run { cluster in
            let ada = try await cluster.enter("Ada")
            let token = try await ada.welcome().resumeToken
            await ada.vanish()
            let answers = try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        let person = try await cluster.connect(node: number % 2)
                        try await person.say(.resume(.init(token: token)))
                        return try await person.first("an answer") { ["welcome", "refused"].contains($0.type) }.type
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.filter { $0 == "welcome" }.count == 1)
        }
    }

    @Test("whoever does not come back in time is gone, and the seat is free")
    func grace() async throws {
        var times = SignalingTimes()
        times.grace = .milliseconds(400)
        times.tick = .milliseconds(100)
        try await TestCluster.run(times: times) { cluster in
            let ada = try await cluster.enter("Ada")
            let bob = try await cluster.enter("Bob", node: 1)
            await ada.vanish()
            let left = try await bob.event("participant.left").body(RoomEvent.ParticipantLeft.self)
            let lost = try await ada.welcome().participant
            #expect(left.reason == .gone && left.id == lost)
            let back = try await cluster.connect()
            try await back.say(.resume(.init(token: try await ada.welcome().resumeToken)))
            #expect(try await back.refused().code == .gone)
        }
    }

    @Test("the seats of a node that died vanish when their leases end, and all others stay")
    func deadNode() async throws {
        var times = SignalingTimes(lease: .seconds(2), renewal: .milliseconds(500))
        times.tick = .milliseconds(100)
        try await TestCluster.run(nodes: 1, times: times) { cluster in
            let ada = try await cluster.enter("Ada")
            try await cluster.withStore { _, redis in
                let store = SeatStore(redis: redis, lease: 1_000, ended: { _ in })
                _ = try await store.join(
                    cluster.room, ticket: "t", entry: SeatFixture.entry("dead", node: "dead"), meeting: MeetingID("x"),
                    mediaNode: "")
            }
            _ = try await ada.event("participant.joined")
            let left = try await ada.event("participant.left", timeout: .seconds(3)).body(
                RoomEvent.ParticipantLeft.self)
            #expect(left.id == ParticipantID("dead") && left.reason == .gone)
            try await Task.sleep(for: .seconds(3))
            #expect(await ada.isOpen)
            #expect(try await ada.ask(.sendChat(.init(text: "still here"))).reply != nil)
        }
    }

    @Test("a node that can't renew in time serves nobody, and takes its seats up again when Redis is back")
    func selfFence() async throws {
        var times = SignalingTimes(lease: .seconds(2), renewal: .milliseconds(500))
        times.tick = .milliseconds(100)
        try await RedisServerProcess.withServer { [times] server in
            try await TestCluster.run(nodes: 1, redisURL: server.url, times: times) { cluster in
                let ada = try await cluster.enter("Ada")
                await server.kill()
                #expect(try await ada.closeCode() == CloseCode.seatLost.rawValue)
                try await server.start()
                let token = try await ada.welcome().resumeToken
                var welcome: ServerMessage.Welcome?
                try await eventually("the seat is taken up") {
                    let back = try await cluster.connect()
                    try await back.say(.resume(.init(token: token)))
                    let answer = try await back.first("an answer") { ["welcome", "refused"].contains($0.type) }
                    welcome = try? answer.body(ServerMessage.Welcome.self)
                    return welcome == nil ? String(decoding: answer.data, as: UTF8.self) : nil
                }
                #expect(welcome?.resumed == true)
                let old = try await ada.welcome()
                #expect(welcome?.meeting == old.meeting)
            }
        }
    }

    @Test("a node that stops closes its sockets, and they resume at another one")
    func shutdown() async throws {
        try await RedisServerProcess.withServer { server in
            try await TestCluster.run(nodes: 1, redisURL: server.url) { other in
                let room = other.room
                let token = RelayBox()
                try await TestCluster.run(nodes: 1, redisURL: server.url) { stopping in
                    let ada = try await stopping.connect(room: room)
                    let ticket = try await stopping.ticket(stopping.claims(room: room))
                    try await ada.say(.hello(.init(ticket: ticket)))
                    await token.put(try await ada.welcome(), ada)
                }
                let (welcome, ada) = try #require(await token.content)
                #expect(try await ada.closeCode() == CloseCode.goingAway.rawValue)
                let back = try await other.resume(welcome.resumeToken)
                #expect(try await back.welcome().participant == welcome.participant)
            }
        }
    }

    private actor RelayBox {
        var content: (ServerMessage.Welcome, TestPerson)?

        func put(_ welcome: ServerMessage.Welcome, _ person: TestPerson) { content = (welcome, person) }
    }
}
