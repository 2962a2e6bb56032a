import Foundation
import ParleyProtocol
import ServiceKit
import TestSupport
import Testing
import WebSockets

@testable import SignalingService

@Suite("Entering a room", .timeLimit(.minutes(1)))
struct EnteringTests {
    @Test("hello with a ticket brings a welcome with everything a client needs")
    func hello() async throws {
        try await TestCluster.run(nodes: 1) { cluster in
            let state = ParticipantState(microphone: true, camera: true, screen: true, handRaisedAt: .now)
            let ada = try await cluster.enter("Ada", role: .moderator, account: "a1", state: state)
            let welcome = try await ada.welcome()
            #expect(welcome.room == .init(id: cluster.room, name: "Weekly", alias: "weekly"))
            #expect(welcome.seats == 50 && !welcome.resumed && welcome.seq == 1)
            #expect(welcome.meeting.rawValue.count == 12 && welcome.participant.rawValue.count == 12)
            #expect(!welcome.epoch.isEmpty)
            let me = try #require(welcome.participants.first)
            #expect(me.id == welcome.participant && me.name == "Ada" && me.role == .moderator && !me.guest)
            #expect(me.state == ParticipantState(microphone: true, camera: true))
            #expect(me.connected && !me.publishing)
            #expect(welcome.resumeToken.hasPrefix("\(welcome.participant.rawValue)."))
            #expect(welcome.resumeToken.utf8.count > 12 + 43)
            #expect(welcome.iceServers.count == 2)
            let relay = try #require(welcome.iceServers.last)
            #expect(relay.username?.hasSuffix(":\(welcome.participant.rawValue)") == true)
            let stored = try await cluster.withStore { store, _ in
                try await store.entry(cluster.room, welcome.participant)
            }
            let text = String(decoding: try #require(stored).raw, as: UTF8.self)
            #expect(!text.contains(welcome.resumeToken.split(separator: ".")[1]))
        }
    }

    @Test("the 51st is told that the room is full, and comes in when a seat is free")
    func full() async throws {
        try await TestCluster.run { cluster in
            let ada = try await cluster.enter()
            try await cluster.withStore { store, _ in
                for number in 2...Limits.seats {
                    _ = try await store.join(
                        cluster.room, ticket: "t\(number)", entry: SeatFixture.entry("p\(number)"),
                        meeting: MeetingID("x"), mediaNode: "")
                }
            }
            let ticket = try await cluster.ticket()
            let late = try await cluster.connect(node: 1)
            try await late.say(.hello(.init(ticket: ticket)))
            #expect(try await late.refused().code == .roomFull)
            #expect(try await late.closeCode() == CloseCode.refused.rawValue)
            #expect(try await ada.ask(.leave).reply != nil)
            let again = try await cluster.connect(node: 1)
            try await again.say(.hello(.init(ticket: ticket)))
            #expect(try await again.welcome().participants.count == Limits.seats)
        }
    }

    @Test("tickets that are forged, too old, used, or of another room are refused in the same way")
    func badTickets() async throws {
        try await TestCluster.run { cluster in
            let used = try await cluster.ticket()
            let first = try await cluster.connect()
            try await first.say(.hello(.init(ticket: used)))
            try await first.welcome()
            let forged = try await TicketTokens(clusterSecret: Array("another secret, as long as the true one".utf8))
                .issue(cluster.claims()).token
            let bad = [
                forged,
                try await cluster.ticket(now: .now.addingTimeInterval(-600)),
                try await cluster.ticket(now: .now.addingTimeInterval(-600)),
                used,
                try await cluster.ticket(cluster.claims(room: newRoom())),
                try await ServiceTokens(clusterSecret: TestCluster.secret).issue(from: .directory, to: .signaling),
                "", "x.y.z", "eyJhbGciOiJub25lIn0.e30.",
            ]
            for (number, ticket) in bad.enumerated() {
                let person = try await cluster.connect(node: number % 2)
                try await person.say(.hello(.init(ticket: ticket, key: number < 2 ? nil : "k")))
                let refused = try await person.refused()
                #expect(refused.code == .ticketInvalid, "ticket \(number)")
                #expect(try await person.closeCode() == CloseCode.refused.rawValue)
            }
            #expect(try await cluster.enter().welcome().participants.count == 2)
        }
    }

    @Test("a first message that is none is refused, and the next person comes in")
    func badFirstMessages() async throws {
        try await TestCluster.run(nodes: 1) { cluster in
            let bad: [(String, ErrorCode)] = [
                ("", .malformedMessage), ("{", .malformedMessage), ("[]", .malformedMessage), ("7", .malformedMessage),
                (#"{"type":"hello"}"#, .malformedMessage), (#"{"type":"hello","ticket":7}"#, .malformedMessage),
                (#"{"type":"hello","type":"resume","ticket":"x","token":"y"}"#, .malformedMessage),
                (#"{"type":"nonsense"}"#, .unknownType), (#"{"type":"chat.send","text":"x"}"#, .badRequest),
                (String(repeating: "[", count: 5_000), .malformedMessage),
                (#"{"type":"hello","ticket":""# + String(repeating: "x", count: 20_000) + #""}"#, .messageTooLarge),
                (#"{"type":"resume","token":"x"}"#, .gone), (#"{"type":"resume","token":"nobody.secret"}"#, .gone),
                (#"{"type":"resume","token":"../../x.y"}"#, .gone),
            ]
            for (text, code) in bad {
                let person = try await cluster.connect()
                await person.say(raw: text)
                #expect(try await person.refused().code == code, "\(text.prefix(60))")
                #expect(try await person.closeCode() == CloseCode.refused.rawValue)
            }
            _ = try await cluster.enter()
        }
    }

    @Test("whoever says nothing is closed")
    func silence() async throws {
        try await TestCluster.run(nodes: 1, times: SignalingTimes.forTests(hello: .milliseconds(300))) { cluster in
            let silent = try await cluster.connect()
            #expect(try await silent.closeCode() == CloseCode.helloTimeout.rawValue)
            let ada = try await cluster.enter()
            try await Task.sleep(for: .milliseconds(500))
            #expect(await ada.isOpen)
        }
    }

    @Test("pages of other sites and other paths open no socket")
    func admission() async throws {
        try await TestCluster.run(nodes: 1) { cluster in
            await #expect(throws: WebSocketError.self) { try await cluster.connect(origin: "https://evil.example") }
            await #expect(throws: WebSocketError.self) { try await cluster.connect(room: RoomID("no-uuid")) }
        }
        let room = newRoom()
        #expect(SocketPath.room("/api/signaling/rooms/\(room.rawValue)/socket?x=1") == room)
        for path in [
            "", "/", "/api/signaling/rooms/\(room.rawValue)", "/api/signaling/rooms/\(room.rawValue)/socket/",
            "/api/signaling/rooms/\(room.rawValue.uppercased())/socket", "/api/signaling/rooms//socket",
            "//api/signaling/rooms/\(room.rawValue)/socket",
        ] {
            #expect(SocketPath.room(path) == nil)
        }
    }

    @Test("with Redis away nobody comes in, but those inside stay, and have their seats when it is back")
    func redisAway() async throws {
        try await RedisServerProcess.withServer { server in
            try await TestCluster.run(redisURL: server.url) { cluster in
                let ada = try await cluster.enter("Ada")
                let bob = try await cluster.enter("Bob", node: 1)
                await server.kill()
                let late = try await cluster.connect()
                try await late.say(.hello(.init(ticket: try await cluster.ticket())))
                let refused = try await late.refused()
                #expect(refused.code == .unavailable && (refused.retryAfter ?? 0) > 0)
                #expect(try await late.closeCode() == CloseCode.unavailable.rawValue)
                #expect(try await ada.ask(.sendChat(.init(text: "lost"))).failure?.code == .unavailable)
                #expect(await ada.isOpen)
                try await server.start()
                let news = try await ada.welcome(2)
                let old = try await ada.welcome()
                #expect(news.epoch != old.epoch)
                try await eventually("both are back in Redis") {
                    let occupancy = try await cluster.withStore { store, _ in try await store.occupancy([cluster.room])
                    }
                    return occupancy[cluster.room] == 2 ? nil : "\(occupancy)"
                }
                #expect(try await ada.ask(.sendChat(.init(text: "back"))).reply?.seq != nil)
                _ = try await bob.event("chat") { $0.chat?.text == "back" }
                let carol = try await cluster.enter("Carol")
                #expect(Set(try await carol.welcome().participants.map(\.name)) == ["Ada", "Bob", "Carol"])
                #expect(await bob.isOpen)
            }
        }
    }
}
