import Foundation
import ParleyProtocol
import Redis
import ServiceKit
import TestSupport
import Testing
import WebSockets

@testable import SignalingService

@Suite("In a meeting over two nodes", .timeLimit(.minutes(1)))
struct MeetingTests {
    @Test("all see who comes and goes, in one order, at both nodes")
    func roster() async throws {
        try await TestCluster.run { cluster in
            let ada = try await cluster.enter("Ada")
            let bob = try await cluster.enter("Bob", node: 1)
            #expect(try await bob.welcome().participants.map(\.name) == ["Ada", "Bob"])
            #expect(try await ada.event("joined").participant?.name == "Bob")
            let carol = try await cluster.enter("Carol")
            let left = ContinuousClock.now
            #expect(try await carol.ask(.leave).reply != nil)
            #expect(try await carol.event("session.ended").body(ServerMessage.SessionEnded.self).reason == .left)
            #expect(try await carol.closeCode() == CloseCode.normal.rawValue)
            let gone = try await carol.welcome().participant
            for person in [ada, bob] {
                let event = try await person.event("left").body(RoomEvent.Left.self)
                #expect(event.id == gone && event.reason == .left)
            }
            #expect(ContinuousClock.now - left < .seconds(1))
            #expect(await ada.seqs == [2, 3, 4])
            #expect(await bob.seqs == [3, 4])
        }
    }

    @Test("chat has one order for all, without gaps or doubles, whoever writes where")
    func chat() async throws {
        try await TestCluster.run { cluster in
            let people = [
                try await cluster.enter("Ada"), try await cluster.enter("Bob", node: 1),
                try await cluster.enter("Carol"),
                try await cluster.enter("Dan", node: 1),
            ]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, person) in people.enumerated() {
                    group.addTask {
                        for index in 1...8 {
                            let answer = try await person.ask(
                                .sendChat(.init(text: "\(number).\(index)", key: "k\(index)")))
                            #expect(answer.reply?.seq != nil)
                        }
                    }
                }
                try await group.waitForAll()
            }
            for person in people {
                try await eventually("all messages at everybody") {
                    let count = await person.texts.count
                    return count == 32 ? nil : "\(count) messages"
                }
            }
            let order = await people[0].texts
            for person in people {
                #expect(await person.texts == order)
                let seqs = await person.seqs
                let welcome = try await person.welcome()
                #expect(seqs == Array((welcome.seq + 1)...36))
            }
            let late = try await cluster.enter("Eve", node: 1)
            #expect(try await late.welcome().chat.map(\.text) == order)
            #expect(try await late.welcome().chat.first?.name.isEmpty == false)
        }
    }

    @Test("who asks for media again and again is told to wait, and chat and others are not")
    func mediaFlood() async throws {
        try await TestCluster.run(nodes: 1) { cluster in
            let ada = try await cluster.enter("Ada"), bob = try await cluster.enter("Bob")
            for number in 1...40 { await ada.say(raw: #"{"type":"media.subscribe","id":\#(number)}"#) }
            #expect(
                try await ada.ask(raw: #"{"type":"media.subscribe","id":41}"#, id: 41).failure?.code == .tooManyRequests
            )
            #expect(try await ada.ask(.sendChat(.init(text: "still here"))).reply?.seq != nil)
            let other = try await bob.ask(raw: #"{"type":"media.subscribe","id":1}"#, id: 1).failure?.code
            #expect(other == .mediaUnavailable)
        }
    }

    @Test("a chat message that is sent again is delivered once, also over another socket")
    func chatAgain() async throws {
        try await TestCluster.run { cluster in
            let ada = try await cluster.enter("Ada")
            let bob = try await cluster.enter("Bob", node: 1)
            let first = try await ada.ask(.sendChat(.init(text: "  hello \r\n you ", key: "key-1"))).reply?.seq
            await ada.vanish()
            let again = try await cluster.resume(try await ada.welcome().resumeToken, node: 1)
            let second = try await again.ask(.sendChat(.init(text: "hello", key: "key-1"))).reply?.seq
            #expect(first != nil && first == second)
            _ = try await again.ask(.sendChat(.init(text: "end")))
            _ = try await bob.event("chat") { $0.chat?.text == "end" }
            #expect(await bob.texts == ["hello \n you", "end"])
        }
    }

    @Test("one's own state and name change for all; rubbish changes nothing")
    func updates() async throws {
        try await TestCluster.run { cluster in
            let ada = try await cluster.enter("Ada")
            let bob = try await cluster.enter("Bob", node: 1)
            #expect(try await ada.ask(.updateParticipant(.init(microphone: true, hand: true))).reply != nil)
            let seen = try await bob.event("updated").participant
            #expect(seen?.state.microphone == true && seen?.state.camera == false)
            #expect(seen?.state.handRaisedAt != nil)
            #expect(try await ada.ask(.updateParticipant(.init(name: "  Ada Lovelace \n"))).reply != nil)
            _ = try await bob.event("updated") { $0.participant?.name == "Ada Lovelace" }
            let bad = ["", "  ", "a\u{0}b", "a\u{202E}b", "a\nb", String(repeating: "x", count: 61), "a\u{2028}b"]
            for name in bad {
                #expect(try await ada.ask(.updateParticipant(.init(name: name))).failure?.code == .validationFailed)
            }
            for text in ["", " \n ", String(repeating: "x", count: 2_001), "a\u{7}b"] {
                #expect(try await ada.ask(.sendChat(.init(text: text))).failure?.code == .validationFailed)
            }
            #expect(try await ada.ask(.sendChat(.init(text: "x", key: ""))).failure?.code == .validationFailed)
            #expect(try await ada.ask(.updateParticipant(.init(hand: false))).reply != nil)
            let last = try await bob.event("updated") { $0.participant?.state.handRaisedAt == nil }
            #expect(last.participant?.name == "Ada Lovelace")
        }
    }

    @Test("without a media node people meet, and requests for media say that there is none")
    func noMedia() async throws {
        try await TestCluster.run(nodes: 1) { cluster in
            let ada = try await cluster.enter()
            for message: ClientMessage in [
                .publishMedia(.init(sdp: "v=0")), .subscribeMedia, .answerMedia(.init(sdp: "v=0")),
                .viewMedia(.init(slots: [])), .unpublishMedia,
            ] {
                #expect(try await ada.ask(message).failure?.code == .mediaUnavailable)
            }
            #expect(try await ada.ask(.sendChat(.init(text: "still here"))).reply != nil)
        }
    }

    @Test("messages that can't be understood get a clear answer and change nothing")
    func badMessages() async throws {
        try await TestCluster.run(nodes: 1) { cluster in
            let ada = try await cluster.enter()
            let long = String(repeating: "x", count: Limits.message)
            let cases: [(String, Int, ErrorCode)] = [
                (#"{"type":"nonsense","id":1}"#, 1, .unknownType),
                (#"{"type":"chat.send","id":2}"#, 2, .malformedMessage),
                (#"{"type":"chat.send","id":3,"text":"\#(long)"}"#, 3, .messageTooLarge),
                (#"{"type":"hello","id":4,"ticket":"x"}"#, 4, .badRequest),
                (#"{"type":"participant.update","id":5,"microphone":"yes"}"#, 5, .malformedMessage),
            ]
            for (text, id, code) in cases {
                #expect(try await ada.ask(raw: text, id: id).failure?.code == code)
            }
            for text in [
                "{", #"{"id":7,"id":8,"type":"session.leave"}"#, #"{"type":7}"#, "null", "\u{FEFF}{}",
                #"{"id":99999999999999999999,"type":"session.leave"}"#,
            ] {
                let before = await ada.messages.count
                await ada.say(raw: text)
                try await eventually("an answer to \(text)") { await ada.messages.count > before ? nil : "none" }
                #expect(await ada.messages.last?.failure?.code == .malformedMessage)
                #expect(await ada.messages.last?.re == nil)
            }
            #expect(try await ada.ask(.sendChat(.init(text: "alive"))).reply != nil)
            #expect(await ada.seqs.count == 1)
        }
    }

    @Test("binary, oversized and too many messages close the socket of their sender only")
    func closes() async throws {
        try await TestCluster.run(nodes: 1) { cluster in
            let ada = try await cluster.enter("Ada")
            let flood = try await cluster.enter("Flood")
            for _ in 1...100 { await flood.say(raw: #"{"type":"nonsense"}"#) }
            #expect(try await flood.closeCode() == CloseCode.tooManyMessages.rawValue)
            #expect(await flood.messages.last?.failure?.code == .tooManyRequests)
            let large = try await cluster.enter("Large")
            await large.say(raw: String(repeating: " ", count: Limits.frame + 1))
            #expect(try await large.closeCode() == CloseCode.tooLarge.rawValue)
            let fast = try await cluster.enter("Fast")
            var refused = 0
            for index in 1...12 {
                if try await fast.ask(.sendChat(.init(text: "\(index)"))).failure?.code == .tooManyRequests {
                    refused += 1
                }
            }
            #expect(refused >= 1)
            #expect(await fast.isOpen)
            #expect(await ada.isOpen)
        }
    }

    @Test("when the room is deleted, all are told, all seats are free, and nobody comes in any more")
    func deleted() async throws {
        try await TestCluster.run { cluster in
            let ada = try await cluster.enter("Ada")
            let bob = try await cluster.enter("Bob", node: 1)
            let away = try await cluster.enter("Away", node: 1)
            await away.vanish()
            let path = "/internal/rooms/\(cluster.room.rawValue)/end"
            try await cluster.inner.post(path, EndMeetingRequest(reason: .roomDeleted))
            for person in [ada, bob] {
                _ = try await person.event("meeting.ended")
                let ended = try await person.event("session.ended").body(ServerMessage.SessionEnded.self)
                #expect(ended.reason == .roomDeleted)
                #expect(try await person.closeCode() == CloseCode.meetingEnded.rawValue)
            }
            let query = OccupancyQuery(rooms: [cluster.room])
            let view = try await cluster.inner.post("/internal/occupancy", query, as: OccupancyView.self)
            #expect(view.occupancy == [cluster.room.rawValue: 0])
            let late = try await cluster.connect()
            try await late.say(.hello(.init(ticket: try await cluster.ticket())))
            #expect(try await late.refused().code == .roomNotFound)
            let back = try await cluster.connect(node: 1)
            try await back.say(.resume(.init(token: try await away.welcome().resumeToken)))
            #expect(try await back.refused().code == .gone)
        }
    }

    @Test("only directory may ask for occupancy, for at most 200 rooms")
    func occupancy() async throws {
        try await TestCluster.run { cluster in
            _ = try await cluster.enter("Ada")
            _ = try await cluster.enter("Bob", node: 1)
            let empty = newRoom()
            let query = OccupancyQuery(rooms: [cluster.room, empty])
            let view = try await cluster.inner.post("/internal/occupancy", query, as: OccupancyView.self)
            #expect(view.occupancy == [cluster.room.rawValue: 2, empty.rawValue: 0])
            let many = OccupancyQuery(rooms: (1...201).map { _ in newRoom() })
            await #expect(throws: ServiceCallError.self) { try await cluster.inner.post("/internal/occupancy", many) }
            let stranger = ServiceClient(
                from: .presence, to: .signaling, baseURL: "http://127.0.0.1:\(cluster.ports[0].inner)",
                tokens: ServiceTokens(clusterSecret: TestCluster.secret))
            await #expect(throws: ServiceCallError.self) { try await stranger.post("/internal/occupancy", query) }
        }
    }

    @Test("events that never came are noticed, and the sockets of the node are told anew")
    func gap() async throws {
        try await TestCluster.run { cluster in
            let ada = try await cluster.enter("Ada")
            let bob = try await cluster.enter("Bob", node: 1)
            let epoch = try await ada.welcome().epoch
            try await cluster.withStore { _, redis in
                // An event that was counted and stored, but never published.
                let keys = SeatKeys(cluster.room)
                try await redis.send("HINCRBY", .init(keys.meta), "seq", 1)
                let message = "\(epoch) 4 chat x 0 -\n{\"seq\":4,\"type\":\"chat\"}"
                try await redis.send("HINCRBY", .init(keys.meta), "seq", 1)
                try await redis.publish(keys.channel, message)
            }
            for person in [ada, bob] {
                _ = try await person.event("session.resync")
                let welcome = try await person.welcome(2)
                #expect(welcome.seq == 4 && welcome.resumed)
                #expect(Set(welcome.participants.map(\.name)) == ["Ada", "Bob"])
            }
            _ = try await ada.ask(.sendChat(.init(text: "after")))
            let event = try await bob.event("chat") { $0.chat?.text == "after" }
            #expect(event.seq == 5)
            await ada.vanish()
            _ = try await cluster.resume(try await ada.welcome(2).resumeToken, node: 1)
        }
    }
}
