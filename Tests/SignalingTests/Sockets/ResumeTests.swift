import Foundation
import ParleyProtocol
import Redis
import TestSupport
import Testing

@testable import SignalingService

@Suite("Resuming", .timeLimit(.minutes(1)))
struct ResumeTests {
    @Test(
        "after a broken socket the seat is taken up at any node, and then the old token is worth nothing",
        arguments: [0, 1])
    func resume(node: Int) async throws {
        try await TestCluster.run { cluster in
            let ada = try await cluster.enter("Ada", role: .moderator)
            let bob = try await cluster.enter("Bob", node: 1)
            _ = try await ada.ask(.updateParticipant(.init(name: "Ada L.", microphone: true)))
            let before = try await ada.welcome()
            await ada.vanish()
            _ = try await bob.event("updated") { $0.participant?.connected == false }
            _ = try await bob.ask(.sendChat(.init(text: "missed")))
            let back = try await cluster.resume(before.resumeToken, node: node)
            let after = try await back.welcome()
            #expect(after.resumed && after.participant == before.participant && after.meeting == before.meeting)
            #expect(after.epoch == before.epoch && after.seq > before.seq)
            #expect(after.chat.map(\.text) == ["missed"])
            let me = try #require(after.participants.first { $0.id == after.participant })
            #expect(me.name == "Ada L." && me.role == .moderator && me.state.microphone && me.connected)
            #expect(after.resumeToken != before.resumeToken)
            _ = try await bob.event("updated") {
                $0.participant?.connected == true && $0.participant?.name == "Ada L." && ($0.seq ?? 0) >= after.seq
            }
            #expect(try await back.ask(.updateParticipant(.init(hand: false))).reply != nil)
            try await cluster.waitUntilHeard(after.participant)
            let thief = try await cluster.connect(node: 1 - node)
            try await thief.say(.resume(.init(token: before.resumeToken)))
            #expect(try await thief.refused().code == .gone)
            #expect(try await thief.closeCode() == CloseCode.refused.rawValue)
            #expect(await back.isOpen)
            let bobSeqs = await bob.seqs
            #expect(bobSeqs == Array((bobSeqs.first ?? 0)...(bobSeqs.last ?? 0)))
            #expect(await !bob.messages.contains { $0.type == "left" })
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

    @Test("who takes over a seat that was taken up just now is asked to wait, at any node", arguments: [0, 1])
    func tooSoon(node: Int) async throws {
        var times = SignalingTimes.forTests()
        times.ownerPause = .seconds(20)
        try await TestCluster.run(times: times) { cluster in
            let ada = try await cluster.enter("Ada")
            let hasty = try await cluster.connect(node: node)
            try await hasty.say(.resume(.init(token: try await ada.welcome().resumeToken)))
            let refusal = try await hasty.refused()
            #expect(refusal.code == .tooManyRequests && refusal.retryAfter == 1)
            #expect(try await hasty.closeCode() == CloseCode.unavailable.rawValue)
            #expect(try await ada.ask(.sendChat(.init(text: "still here"))).reply != nil)
        }
    }

    @Test("of many who resume with one token at once, one gets the seat")
    func race() async throws {
        try await TestCluster.run { cluster in
            let ada = try await cluster.enter("Ada")
            let token = try await ada.welcome().resumeToken
            await ada.vanish()
            let people = try await withThrowingTaskGroup(of: TestPerson.self) { group in
                for number in 0..<8 {
                    group.addTask { try await Self.resumeOrBeRefused(cluster, token, node: number % 2) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            try await eventually("one has the seat") {
                var open: [TestPerson] = []
                for person in people where await person.isOpen { open.append(person) }
                return open.count == 1 ? nil : "\(open.count) are open"
            }
            let seats = try await cluster.withStore { store, _ in try await store.occupancy([cluster.room]) }
            #expect(seats[cluster.room] == 1)
        }
    }

    /// Who is told to try again does.
    private static func resumeOrBeRefused(
        _ cluster: TestCluster, _ token: String, node: Int
    ) async throws -> TestPerson {
        for _ in 1...30 {
            let person = try await cluster.connect(node: node)
            try await person.say(.resume(.init(token: token)))
            let code = try? await Self.answer(to: person).body(ServerMessage.Refused.self).code
            guard code == .unavailable || code == .tooManyRequests else { return person }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw Unexpected("nobody was told whether there is a seat")
    }

    private static func answer(to person: TestPerson) async throws -> TestPerson.Message {
        try await person.first("an answer") { ["welcome", "resumed", "refused"].contains($0.type) }
    }

    @Test("a welcome that is lost does not lose the seat: the token before it opens it once more", arguments: [0, 1])
    func lostWelcome(node: Int) async throws {
        try await TestCluster.run { cluster in
            let ada = try await cluster.enter("Ada")
            let token = try await ada.welcome().resumeToken
            let unheard = try await cluster.resume(token, node: node)
            await unheard.vanish()
            let again = try await cluster.resume(token, node: 1 - node)
            await again.vanish()
            let last = try await cluster.resume(token)
            #expect(try await last.welcome().participant == ada.welcome().participant)
            #expect(try await last.ask(.sendChat(.init(text: "here"))).reply != nil)
        }
    }

    @Test("who hangs up before Redis has answered takes the seat from nobody")
    func hungUpBeforeTheAnswer() async throws {
        try await RedisServerProcess.withServer { server in
            try await TestCluster.run(redisURL: server.url) { cluster in
                let ada = try await cluster.enter("Ada")
                let hasty = try await cluster.connect(node: 1)
                try await withRedisClient(url: server.url) { client in
                    _ = try await client.send("CLIENT", "PAUSE", "700", "ALL")
                }
                try await hasty.say(.resume(.init(token: try await ada.welcome().resumeToken)))
                // The node has read the request, and waits for Redis.
                try await Task.sleep(for: .milliseconds(300))
                await hasty.vanish()
                try await Task.sleep(for: .seconds(2))
                #expect(await ada.isOpen)
                #expect(try await ada.ask(.sendChat(.init(text: "still mine"))).reply != nil)
            }
        }
    }

    @Test("the token before is of no use any more when the client has kept the socket, though it has said nothing")
    func silentClient() async throws {
        var times = SignalingTimes.forTests()
        times.grace = .milliseconds(500)
        times.tick = .milliseconds(100)
        try await TestCluster.run(times: times) { cluster in
            let ada = try await cluster.enter("Ada")
            let token = try await ada.welcome().resumeToken
            let silent = try await cluster.resume(token, node: 1)
            try await cluster.waitUntilHeard(try await silent.welcome().participant)
            let thief = try await cluster.connect()
            try await thief.say(.resume(.init(token: token)))
            #expect(try await thief.refused().code == .gone)
            #expect(await silent.isOpen)
        }
    }

    @Test("who missed more than a socket may hold is told the whole room instead")
    func missedTooMuch() async throws {
        var times = SignalingTimes.forTests()
        times.rateFactor = 1_000
        let text = String(repeating: "\u{1F600}", count: 1_900)
        try await TestCluster.run(nodes: 1, times: times) { cluster in
            let ada = try await cluster.enter("Ada")
            let known = try await ada.welcome()
            let bob = try await cluster.enter("Bob")
            await ada.vanish()
            for _ in 1...40 { #expect(try await bob.ask(.sendChat(.init(text: text))).reply != nil) }
            let back = try await cluster.connect()
            try await back.say(.resume(.init(token: known.resumeToken, epoch: known.epoch, seq: known.seq)))
            let welcome = try await back.welcome()
            #expect(welcome.resumed && welcome.chat.last?.text == text)
            #expect(try await back.ask(.sendChat(.init(text: "here"))).reply != nil)
        }
    }

    @Test("an answer of Redis that is older than a lease gives nobody a seat", arguments: ["hello", "resume"])
    func grantedTooLate(way: String) async throws {
        var times = SignalingTimes.forTests(lease: .seconds(1), renewal: .milliseconds(100))
        times.tick = .milliseconds(100)
        try await RedisServerProcess.withServer { [times] server in
            try await TestCluster.run(redisURL: server.url, times: times) { cluster in
                let ada = try await cluster.enter("Ada")
                // The other node knows the room, and has nothing to ask first.
                _ = try await cluster.enter("Bob", node: 1)
                var hello = ClientMessage.Hello(ticket: try await cluster.ticket(), key: "k")
                let resume = ClientMessage.Resume(token: try await ada.welcome().resumeToken)
                let late = try await cluster.connect(node: 1)
                try await withRedisClient(url: server.url) { client in
                    _ = try await client.send("CLIENT", "PAUSE", "1500", "ALL")
                }
                try await late.say(way == "hello" ? .hello(hello) : .resume(resume))
                #expect(try await late.refused().code == .unavailable)
                let again = try await cluster.connect(node: 1)
                hello.attempt = 2
                try await again.say(.hello(hello))
                let inside = try await again.welcome().participants
                #expect(Set(inside.map(\.id)).count == inside.count)
            }
        }
    }

    @Test("a node that does not control the media of a seat tells its client to build them anew, and no other does")
    func mediaElsewhere() async throws {
        try await TestCluster.run { cluster in
            let ada = try await cluster.enter("Ada")
            await ada.vanish()
            let here = try await cluster.resume(try await ada.welcome().resumeToken)
            #expect(try await here.ask(.sendChat(.init(text: "x"))).reply != nil)
            #expect(await !here.messages.contains { $0.type == "media.lost" })
            await here.vanish()
            let elsewhere = try await cluster.resume(try await here.welcome().resumeToken, node: 1)
            let lost = try await elsewhere.event("media.lost").body(ServerMessage.MediaLost.self)
            #expect((0...1_500).contains(lost.delay))
            #expect(await elsewhere.messages.first?.type == "welcome")
            await elsewhere.vanish()
            // Its socket may have been dead already when it was told.
            let again = try await cluster.resume(try await elsewhere.welcome().resumeToken, node: 1)
            _ = try await again.event("media.lost")
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
                #expect(try await ada.closeCode() == CloseCode.serviceRestart.rawValue)
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
