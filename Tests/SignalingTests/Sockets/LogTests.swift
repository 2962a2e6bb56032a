import Foundation
import ParleyProtocol
import Redis
import TestSupport
import Testing

@testable import SignalingService

@Suite("Events that were missed", .timeLimit(.minutes(1)))
struct LogTests {
    @Test("who comes back with its position gets just the events that it missed, in order", arguments: [0, 1])
    func resumed(node: Int) async throws {
        try await TestCluster.run { cluster in
            let ada = try await cluster.enter("Ada")
            let bob = try await cluster.enter("Bob", node: 1)
            let welcome = try await ada.welcome()
            let known = try await ada.event("joined").seq ?? 0
            await ada.vanish()
            _ = try await bob.event("updated") { $0.participant?.connected == false }
            for text in ["one", "two"] { _ = try await bob.ask(.sendChat(.init(text: text))) }
            let back = try await cluster.connect(node: node)
            try await back.say(.resume(.init(token: welcome.resumeToken, epoch: welcome.epoch, seq: known)))
            let resumed = try await back.event("resumed").body(ServerMessage.Resumed.self)
            #expect(resumed.resumeToken != welcome.resumeToken && resumed.iceServers.count == 2)
            _ = try await back.event("updated") { $0.seq == resumed.seq }
            #expect(await back.texts == ["one", "two"])
            #expect(await back.seqs == Array((known + 1)...resumed.seq))
            _ = try await bob.ask(.sendChat(.init(text: "three")))
            _ = try await back.event("chat") { $0.seq == resumed.seq + 1 }
            #expect(await !back.messages.contains { $0.type == "welcome" })
        }
    }

    @Test("a position that the log does not have brings the whole room", arguments: [("another", 1), (nil, 9_999)])
    func welcomedAnew(epoch: String?, seq: Int) async throws {
        try await TestCluster.run(nodes: 1) { cluster in
            let ada = try await cluster.enter("Ada")
            let welcome = try await ada.welcome()
            await ada.vanish()
            let back = try await cluster.connect()
            try await back.say(
                .resume(.init(token: welcome.resumeToken, epoch: epoch ?? welcome.epoch, seq: seq)))
            #expect(try await back.welcome().resumed)
        }
    }

    @Test("events that did not reach a node come from the log, and its sockets notice nothing")
    func filled() async throws {
        try await TestCluster.run { cluster in
            let ada = try await cluster.enter("Ada")
            let bob = try await cluster.enter("Bob", node: 1)
            let epoch = try await ada.welcome().epoch
            try await cluster.withStore { _, redis in
                // Counted and in the log, but never published; the next one is.
                let keys = SeatKeys(cluster.room)
                for number in 3...4 {
                    let json = #"{"seq":\#(number),"type":"chat","from":"x","text":"\#(number)"}"#
                    let entry = "\(number) chat x 0 -\n\(json)"
                    try await redis.send("HINCRBY", .init(keys.meta), "seq", 1)
                    try await redis.send("XADD", .init(keys.log), "\(number)-0", "e", .init(entry))
                    if number == 4 { try await redis.publish(keys.channel, "\(epoch) \(entry)") }
                }
            }
            for person in [ada, bob] {
                _ = try await person.event("chat") { $0.seq == 4 }
                #expect(await person.texts == ["3", "4"])
                #expect(await !person.messages.contains { $0.type == "session.resync" })
            }
        }
    }

    @Test("people who come at once are told of in one event, before what is said next, and with the number of the last")
    func merged() async throws {
        try await TestCluster.run(nodes: 1) { cluster in
            let ada = try await cluster.enter("Ada")
            let epoch = try await ada.welcome().epoch
            try await cluster.withStore { _, redis in
                let keys = SeatKeys(cluster.room)
                let events =
                    (2...4).map { number in
                        let participants = #"[{"id":"p\#(number)","name":"Person [\#(number)]"}]"#
                        return
                            "joined p\(number) \(number) far\n{\"seq\":\(number),\"type\":\"joined\",\"participants\":\(participants)}"
                    } + ["chat p4 0 -\n{\"seq\":5,\"type\":\"chat\",\"from\":\"p4\",\"text\":\"five\"}"]
                // In one go, as when they have come at the same moment.
                _ = try await redis.pipeline(
                    zip(2..., events).map { number, event in
                        ["SPUBLISH", .init(keys.channel), .init("\(epoch) \(number) \(event)")]
                    })
            }
            _ = try await ada.event("chat")
            let joined = try #require(await ada.messages.first { $0.type == "joined" })
            #expect(try joined.people.map(\.name) == ["Person [2]", "Person [3]", "Person [4]"])
            #expect(await ada.seqs == [4, 5])
        }
    }

    @Test("whoever comes in a rush hears of all others, each once", arguments: [1, 2])
    func rush(nodes: Int) async throws {
        try await TestCluster.run(nodes: nodes) { cluster in
            let people = try await withThrowingTaskGroup(of: TestPerson.self) { group in
                for number in 0..<Limits.seats {
                    group.addTask { try await cluster.enter("\(number)", node: number % nodes) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for person in people {
                try await eventually("all are known") {
                    let known = try await person.knownPeople().count
                    return known < Limits.seats ? "\(known) are" : nil
                }
                let known = try await person.knownPeople()
                #expect(Set(known).count == Limits.seats && known.count == Limits.seats)
            }
        }
    }

    @Test(
        "the same entering again, at any node, is the same seat, and with another key it is refused", arguments: [0, 1])
    func sameEntering(node: Int) async throws {
        try await TestCluster.run { cluster in
            let ticket = try await cluster.ticket()
            let first = try await cluster.connect()
            try await first.say(.hello(.init(ticket: ticket, key: "k-1")))
            let before = try await first.welcome()
            await first.vanish()
            let again = try await cluster.connect(node: node)
            try await again.say(.hello(.init(ticket: ticket, key: "k-1", attempt: 2)))
            let after = try await again.welcome()
            #expect(after.participant == before.participant && after.participants.count == 1)
            let late = try await cluster.connect(node: node)
            try await late.say(.hello(.init(ticket: ticket, key: "k-1")))
            #expect(try await late.refused().code == .gone)
            let thief = try await cluster.connect(node: node)
            try await thief.say(.hello(.init(ticket: ticket, key: "k-2")))
            #expect(try await thief.refused().code == .ticketInvalid)
            #expect(try await again.ask(.sendChat(.init(text: "here"))).reply?.seq != nil)
            _ = try await again.ask(.leave)
            let replay = try await cluster.connect(node: node)
            try await replay.say(.hello(.init(ticket: ticket, key: "k-1", attempt: 3)))
            #expect(try await replay.refused().code == .ticketInvalid)
        }
    }

    @Test("after Redis has lost its memory those inside stay, and others wait until all are back")
    func rebuilding() async throws {
        var times = SignalingTimes.forTests()
        times.rebuild = .seconds(2)
        times.beat = .milliseconds(300)
        times.tick = .milliseconds(200)
        try await RedisServerProcess.withServer { [times] server in
            try await TestCluster.run(redisURL: server.url, times: times) { cluster in
                var ada: TestPerson?
                try await eventually("the window of the start ends") {
                    let person = try await cluster.connect()
                    try await person.say(.hello(.init(ticket: try await cluster.ticket())))
                    let answer = try await person.first("an answer") { ["welcome", "refused"].contains($0.type) }
                    if answer.type == "welcome" { ada = person }
                    return answer.type == "welcome" ? nil : "refused"
                }
                let inside = try #require(ada)
                let bob = try await cluster.enter("Bob", node: 1)
                try await cluster.withStore { _, redis in _ = try await redis.send("FLUSHALL") }
                let late = try await cluster.connect(node: 1)
                try await late.say(.hello(.init(ticket: try await cluster.ticket())))
                let refused = try await late.refused()
                #expect(refused.code == .rebuilding && (1...2).contains(refused.retryAfter ?? 0))
                let resync = try await inside.welcome(2)
                #expect(resync.resumed)
                try await eventually("both are back") {
                    let seats = try await cluster.withStore { store, _ in try await store.occupancy([cluster.room]) }
                    return seats[cluster.room] == 2 ? nil : "\(seats)"
                }
                #expect(await inside.isOpen)
                #expect(await bob.isOpen)
            }
        }
    }

    @Test("chat is kept for the next meeting, or not at all if the operator wants that", arguments: [true, false])
    func retention(isKept: Bool) async throws {
        var times = SignalingTimes.forTests()
        times.chatRetention = isKept ? .seconds(60) : .zero
        try await TestCluster.run(nodes: 1, times: times) { cluster in
            let ada = try await cluster.enter("Ada")
            _ = try await ada.ask(.sendChat(.init(text: "kept")))
            #expect(await ada.texts == ["kept"])
            let late = try await cluster.enter("Late")
            #expect(try await late.welcome().chat.map(\.text) == (isKept ? ["kept"] : []))
            for person in [ada, late] { _ = try await person.ask(.leave) }
            let next = try await cluster.enter("Next").welcome()
            #expect(next.chat.map(\.text) == (isKept ? ["kept"] : []))
        }
    }
}

extension RedisClient {
    func publish(_ channel: String, _ message: String) async throws {
        try await send("SPUBLISH", .init(channel), .init(message))
    }
}
