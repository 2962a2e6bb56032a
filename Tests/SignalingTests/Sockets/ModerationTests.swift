import Foundation
import ParleyProtocol
import Redis
import ServiceKit
import TestSupport
import Testing
import WebSockets

@testable import SignalingService

@Suite("What moderators do with people", .timeLimit(.minutes(1)))
struct ModerationTests {
    private typealias Moderation = ClientMessage.Moderation

    /// The organizer and a participant at another node.
    private static func run(
        directory: String = "http://127.0.0.1:9",
        _ body: @Sendable (TestCluster, _ host: TestPerson, _ ada: TestPerson, _ id: ParticipantID) async throws -> Void
    ) async throws {
        try await TestCluster.run(directory: directory) { cluster in
            let host = try await cluster.enter("Host", role: .moderator)
            let all = ParticipantState(microphone: true, camera: true)
            let ada = try await cluster.enter("Ada", node: 1, state: all)
            try await body(cluster, host, ada, try await ada.welcome().participant)
        }
    }

    @Test("a source is turned off once: all see it, the person is told by whom, and may turn it on again")
    func turnOff() async throws {
        try await Self.run { _, host, ada, id async throws in
            #expect(try await host.moderate(.turnOff(.init(source: .microphone, participants: [id]))).reply != nil)
            let told = try await ada.moderated(.turnedOff)
            let by = try await host.welcome().participant
            #expect(told.source == .microphone && told.by == by)
            for person in [host, ada] {
                _ = try await person.event("updated") {
                    $0.participant.map { $0.id == id && !$0.state.microphone } ?? false
                }
            }
            #expect(try await ada.ask(.updateParticipant(.init(microphone: true))).reply != nil)
            _ = try await host.event("updated") { $0.participant.map { $0.id == id && $0.state.microphone } ?? false }
        }
    }

    @Test("all are muted at once, but those who moderate")
    func muteAll() async throws {
        try await Self.run { cluster, host, ada, _ async throws in
            let second = try await cluster.enter("Second", role: .moderator, state: .init(microphone: true))
            let grace = try await cluster.enter("Grace", state: .init(microphone: true))
            #expect(try await host.moderate(.turnOff(.init(source: .microphone))).reply != nil)
            for person in [ada, grace] { _ = try await person.moderated(.turnedOff) }
            #expect(await second.messages.allSatisfy { $0.type != "moderated" })
        }
    }

    @Test("who is blocked can't turn it on, not after a broken socket either, until that is lifted")
    func block() async throws {
        try await Self.run { cluster, host, ada, id async throws in
            #expect(
                try await host.moderate(.block(.init(source: .camera, blocked: true, participants: [id]))).reply != nil)
            #expect(try await ada.moderated(.blocked).source == .camera)
            #expect(try await ada.ask(.updateParticipant(.init(camera: true))).failure?.code == .forbidden)
            #expect(try await ada.ask(.updateParticipant(.init(microphone: false))).reply != nil)
            let token = try await ada.welcome().resumeToken
            await ada.vanish()
            let back = try await cluster.resume(token)
            let known = try await back.welcome().participants.first { $0.id == id }
            #expect(known?.blocked == [.camera] && known?.state.camera == false)
            #expect(try await back.ask(.updateParticipant(.init(camera: true))).failure?.code == .forbidden)
            #expect(
                try await host.moderate(.block(.init(source: .camera, blocked: false, participants: [id]))).reply != nil
            )
            _ = try await back.moderated(.allowed)
            #expect(try await back.ask(.updateParticipant(.init(camera: true))).reply != nil)
        }
    }

    @Test("what is blocked for all is blocked for who comes later too, and moderators are not concerned")
    func blockAll() async throws {
        try await Self.run { cluster, host, ada, _ async throws in
            #expect(try await host.moderate(.block(.init(source: .microphone, blocked: true))).reply != nil)
            _ = try await ada.moderated(.blocked)
            let room = try await ada.event("room").body(RoomEvent.Room.self)
            #expect(room.blocked == [.microphone])
            let late = try await cluster.enter("Late", node: 1, state: .init(microphone: true))
            let welcome = try await late.welcome()
            let me = welcome.participants.first { $0.id == welcome.participant }
            #expect(welcome.blocked == [.microphone] && me?.blocked == [.microphone] && me?.state.microphone == false)
            let second = try await cluster.enter("Second", role: .moderator, state: .init(microphone: true))
            let other = try await second.welcome()
            #expect(other.participants.first { $0.id == other.participant }?.state.microphone == true)
            #expect(try await host.moderate(.block(.init(source: .microphone, blocked: false))).reply != nil)
            for person in [ada, late] { _ = try await person.moderated(.allowed) }
            let free = try await cluster.enter("Free", state: .init(microphone: true)).welcome()
            #expect(
                free.blocked.isEmpty && free.participants.first { $0.id == free.participant }?.state.microphone == true)
        }
    }

    @Test("people are asked to unmute, renamed, and their hands lowered")
    func others() async throws {
        try await Self.run { _, host, ada, id async throws in
            #expect(try await host.moderate(.askToUnmute(.init(participant: id))).reply != nil)
            _ = try await ada.moderated(.askedToUnmute)
            #expect(try await host.moderate(.rename(.init(participant: id, name: " Ada L. "))).reply != nil)
            _ = try await ada.moderated(.renamed)
            _ = try await host.event("updated") { $0.participant?.name == "Ada L." }
            #expect(try await ada.ask(.updateParticipant(.init(hand: true))).reply != nil)
            #expect(try await host.moderate(.lowerHands(.init())).reply != nil)
            _ = try await ada.moderated(.handLowered)
            #expect(
                try await host.moderate(.rename(.init(participant: id, name: " "))).failure?.code == .validationFailed)
        }
    }

    @Test("the role of a moderator is given and taken, and with it what one may do")
    func roles() async throws {
        try await Self.run { cluster, host, ada, id async throws in
            #expect(try await ada.moderate(.turnOff(.init(source: .microphone))).failure?.code == .forbidden)
            #expect(try await host.moderate(.setRole(.init(participant: id, role: .moderator))).reply != nil)
            _ = try await ada.moderated(.roleGiven)
            let grace = try await cluster.enter("Grace", state: .init(microphone: true))
            #expect(try await ada.moderate(.turnOff(.init(source: .microphone))).reply != nil)
            _ = try await grace.moderated(.turnedOff)
            // Who manages the room stays what they are.
            let boss = try await host.welcome().participant
            for wish: Moderation in [
                .setRole(.init(participant: boss, role: .participant)), .remove(.init(participant: boss)),
                .sendToLobby(.init(participant: boss)), .rename(.init(participant: boss, name: "x")),
                .block(.init(source: .camera, blocked: true, participants: [boss])),
            ] {
                #expect(try await ada.moderate(wish).failure?.code == .forbidden)
            }
            #expect(try await host.moderate(.setRole(.init(participant: id, role: .participant))).reply != nil)
            _ = try await ada.moderated(.roleTaken)
            #expect(try await ada.moderate(.turnOff(.init(source: .microphone))).failure?.code == .forbidden)
        }
    }

    @Test("who is removed is told so and loses the seat, but may come again")
    func remove() async throws {
        try await Self.run { cluster, host, ada, id async throws in
            let token = try await ada.welcome().resumeToken
            #expect(try await host.moderate(.remove(.init(participant: id))).reply != nil)
            #expect(try await ada.ending() == .removed)
            #expect(try await ada.closeCode() == CloseCode.removed.rawValue)
            let left = try await host.event("left").body(RoomEvent.Left.self)
            #expect(left.id == id && left.reason == .removed)
            let late = try await cluster.connect()
            try await late.say(.resume(.init(token: token)))
            #expect(try await late.refused().code == .gone)
            _ = try await cluster.enter("Ada")
            #expect(try await host.moderate(.remove(.init(participant: id))).failure?.code == .notFound)
        }
    }

    @Test("a ban is told directory before the seat ends, and nobody is removed while that can't be done")
    func ban() async throws {
        try await Listener.run(.directory, paths: ["rooms/:room/bans"], refusals: 1) { directory async throws in
            try await Self.run(directory: directory.url) { cluster, host, ada, id async throws in
                let wish = Moderation.remove(.init(participant: id, ban: true))
                #expect(try await host.moderate(wish).failure?.code == .unavailable)
                #expect(await ada.isOpen)
                #expect(try await host.moderate(wish).reply != nil)
                #expect(try await ada.ending() == .removed)
                try await eventually("the report") {
                    await directory.bodies("/internal/rooms/\(cluster.room)/bans").isEmpty ? "none came" : nil
                }
                let body = try #require(await directory.bodies("/internal/rooms/\(cluster.room)/bans").first)
                let report = try WireJSON.decoder.decode(BanReport.self, from: body)
                #expect(report.name == "Ada" && report.by == "Host")
            }
        }
    }

    @Test("who is sent to the lobby waits there when they come again, until they are admitted, once")
    func lobby() async throws {
        try await Self.run { cluster, host, _, _ async throws in
            let grace = try await cluster.enter("Grace", node: 1, account: "Grace")
            let id = try await grace.welcome().participant
            #expect(try await host.moderate(.sendToLobby(.init(participant: id))).reply != nil)
            #expect(try await grace.ending() == .movedToLobby)
            let again = try await cluster.knock("Grace", policy: nil, colleague: true)
            try await again.waits(for: .lobby)
            let waiting = try await host.lobby(["Grace"])
            #expect(try await host.ask(.admit(.init(participants: waiting.map(\.id)))).reply != nil)
            let token = try await again.welcome().resumeToken
            #expect(!token.isEmpty)
            await again.vanish()
            try await cluster.knock("Grace", policy: nil, colleague: true).welcome()
        }
    }

    @Test("somebody is shown large to all, until nobody is")
    func spotlight() async throws {
        try await Self.run { cluster, host, ada, id async throws in
            #expect(try await host.moderate(.spotlight(.init(participant: id))).reply != nil)
            _ = try await ada.event("room") { (try? $0.body(RoomEvent.Room.self))?.spotlight == id }
            let late = try await cluster.enter("Late")
            #expect(try await late.welcome().spotlight == id)
            #expect(try await host.moderate(.spotlight(.init())).reply != nil)
            _ = try await late.event("room") { (try? $0.body(RoomEvent.Room.self))?.spotlight == nil }
            let nobody = Moderation.spotlight(.init(participant: ParticipantID("nobody")))
            #expect(try await host.moderate(nobody).failure?.code == .notFound)
        }
    }

    @Test("what was blocked and shown outlives a Redis that has lost its memory")
    func redisLoss() async throws {
        try await RedisServerProcess.withServer { server async throws in
            try await TestCluster.run(redisURL: server.url) { cluster async throws in
                let host = try await cluster.enter("Host", role: .moderator)
                let ada = try await cluster.enter("Ada", node: 1)
                let id = try await ada.welcome().participant
                #expect(try await host.moderate(.spotlight(.init(participant: id))).reply != nil)
                #expect(try await host.moderate(.block(.init(source: .microphone, blocked: true))).reply != nil)
                _ = try await ada.moderated(.blocked)
                try await withRedisClient(url: server.url) { _ = try await $0.send("FLUSHALL") }
                let anew = try await ada.welcome(2)
                #expect(anew.spotlight == id && anew.blocked == [.microphone])
                #expect(anew.participants.first { $0.id == id }?.blocked == [.microphone])
                #expect(try await ada.ask(.updateParticipant(.init(microphone: true))).failure?.code == .forbidden)
            }
        }
    }

    @Test("the meeting ends for all, and only a moderator ends it")
    func end() async throws {
        try await Self.run { cluster, host, ada, _ async throws in
            #expect(try await ada.moderate(.end).failure?.code == .forbidden)
            try await host.say(.moderate(.end))
            for person in [host, ada] {
                #expect(try await person.ending() == .endedByModerator)
                #expect(try await person.closeCode() == CloseCode.meetingEnded.rawValue)
            }
            _ = try await cluster.enter("Ada")
        }
    }

    @Test("wishes that can't be right change nothing")
    func nonsense() async throws {
        try await Self.run { _, host, ada, _ async throws in
            let many = (1...51).map { ParticipantID("p\($0)") }
            for people in [[], many] {
                let wish = Moderation.turnOff(.init(source: .camera, participants: people))
                #expect(try await host.moderate(wish).failure?.code == .validationFailed)
            }
            #expect(
                try await host.moderate(.askToUnmute(.init(participant: ParticipantID("nobody")))).failure?.code
                    == .notFound)
            for raw in [
                #"{"type":"moderation.turnOff","id":7,"source":"smell"}"#,
                #"{"type":"moderation.setRole","id":7,"participant":"a"}"#,
                #"{"type":"moderation.remove","id":7,"participant":["a"]}"#,
            ] {
                #expect(try await host.ask(raw: raw, id: 7).failure?.code == .malformedMessage)
            }
            #expect(await ada.messages.allSatisfy { $0.type != "moderated" })
        }
    }
}

extension TestPerson {
    fileprivate func moderate(_ wish: ClientMessage.Moderation) async throws -> Message {
        try await ask(.moderate(wish))
    }

    fileprivate func moderated(_ action: ServerMessage.Moderated.Action) async throws -> ServerMessage.Moderated {
        try await event("moderated") { (try? $0.body(ServerMessage.Moderated.self))?.action == action }
            .body(ServerMessage.Moderated.self)
    }

    fileprivate func ending() async throws -> ServerMessage.SessionEnded.Reason {
        try await event("session.ended").body(ServerMessage.SessionEnded.self).reason
    }
}
