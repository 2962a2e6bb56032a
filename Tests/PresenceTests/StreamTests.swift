import Foundation
import HTTPTypes
import NIOCore
import ParleyProtocol
import Redis
import ServiceKit
import TestSupport
import Testing
import WebSockets

@testable import PresenceService

@Suite("The stream of presence", .timeLimit(.minutes(2)))
struct StreamTests {
    private static func colleagues() -> (ada: PersonKey, grace: PersonKey) {
        let organization = Sample.organization()
        return (
            PersonKey(organization: organization, account: Sample.account()),
            PersonKey(organization: organization, account: Sample.account())
        )
    }

    @Test("colleagues see each other come, change and go, at any process; strangers see nothing of it")
    func changes() async throws {
        try await PresenceTestService.withService(processes: 2) { service async throws in
            let (ada, grace) = Self.colleagues()
            let watcher = try await service.watch(ada)
            let stranger = try await service.watch(Self.colleagues().ada)
            try await watcher.wait(for: ada.account, .available)
            let other = try await service.watch(grace, process: 1, active: false)
            try await watcher.wait(for: grace.account, .inactive)
            try await other.wait(for: ada.account, .available)
            try other.say(active: true)
            try await watcher.wait(for: grace.account, .available)
            let lease = Sample.lease(account: grace.account, organization: grace.organization)
            _ = try await service.post("/internal/meeting-leases", [lease])
            try await watcher.wait(for: grace.account, .busy)
            _ = try await service.post("/internal/meeting-leases/release", [lease])
            try await watcher.wait(for: grace.account, .available)
            other.connection.abort()
            try await watcher.wait(for: grace.account, .offline, timeout: .seconds(20))
            #expect(await !watcher.hasGap)
            #expect(await stranger.views.count == 1)
        }
    }

    @Test("a device that comes back at once was never away for others")
    func reload() async throws {
        try await PresenceTestService.withService { service async throws in
            let (ada, grace) = Self.colleagues()
            let watcher = try await service.watch(ada)
            let first = try await service.watch(grace)
            try await watcher.wait(for: grace.account, .available)
            let told = { (messages: [PresenceServerMessage]) in
                messages.count {
                    if case .changed(let changed) = $0 { changed.view.account == grace.account } else { false }
                }
            }
            let seen = told(await watcher.messages)
            first.connection.close(code: 1001)
            let second = try await service.watch(grace)
            // The lease of the first has ended then.
            try await Task.sleep(for: OpenStreams.leaving + .seconds(4))
            #expect(await watcher.state(of: grace.account) == .available)
            #expect(told(await watcher.messages) == seen)
            second.connection.abort()
        }
    }

    @Test("what was missed is told in order after a break, and everything when that is not known any more")
    func resume() async throws {
        try await PresenceTestService.withService { service async throws in
            let (ada, grace) = Self.colleagues()
            let keeper = try await service.watch(grace)
            let first = try await service.watch(ada)
            try await keeper.wait(for: ada.account, .available)
            try await first.wait(for: grace.account, .available)
            let (epoch, seq) = await (first.epoch, first.seq)
            first.connection.abort()
            for state in [ManualState.busy, .absent, .doNotDisturb] {
                #expect(try await service.set(ManualPresence(state: state), of: grace).status == .ok)
            }
            try await keeper.wait(for: grace.account, .doNotDisturb)
            let second = try await service.watch(ada, epoch: epoch, seq: seq)
            try await second.wait(for: grace.account, .doNotDisturb)
            let told = await second.messages.compactMap { message in
                if case .changed(let changed) = message { changed.view.state } else { nil }
            }
            #expect(told == [.busy, .absent, .doNotDisturb])
            let hadSnapshot = await second.messages.contains { if case .snapshot = $0 { true } else { false } }
            #expect(!hadSnapshot)
            for (epoch, seq) in [("another", 0), (epoch, 1_000_000)] {
                let anew = try await service.watch(ada, epoch: epoch, seq: seq)
                try await anew.wait(forMessage: "a snapshot") { if case .snapshot = $0 { true } else { false } }
                // A snapshot is shared for a moment, and what has changed since follows it.
                try await anew.wait(for: grace.account, .doNotDisturb)
            }
        }
    }

    @Test("what somebody sets at one device is told their others, and others only what they may see")
    func own() async throws {
        try await PresenceTestService.withService(processes: 2) { service async throws in
            let (ada, grace) = Self.colleagues()
            let here = try await service.watch(ada)
            let there = try await service.watch(ada, process: 1)
            let colleague = try await service.watch(grace)
            try await colleague.wait(for: ada.account, .available)
            let answer = try await service.set(
                ManualPresence(state: .invisible, text: "  Thinking ", until: .now + 600), of: ada)
            #expect(answer.status == .ok)
            for device in [here, there] {
                try await device.wait("the news") { $0.assumeIsolated { $0.own?.manual.state == .invisible } }
                #expect(await device.own?.manual.text == "Thinking")
            }
            try await colleague.wait(for: ada.account, .offline)
            let heard = await colleague.messages.contains { "\($0)".contains("Thinking") }
            #expect(!heard)
        }
    }

    @Test("what somebody sets while a process can't hear of it is told their devices there afterwards")
    func ownAfterBreak() async throws {
        try await RedisServerProcess.withServer { server async throws in
            try await PresenceTestService.withService(processes: 2, redisURL: server.url) { service async throws in
                let (ada, _) = Self.colleagues()
                let there = try await service.watch(ada, process: 1)
                try await there.wait(for: ada.account, .available)
                try await withRedisClient(url: server.url) { redis in
                    for number in 1...5 {
                        try await redis.send("CLIENT", "KILL", "TYPE", "pubsub")
                        let manual = ManualPresence(state: .absent, text: "Number \(number)")
                        #expect(try await service.set(manual, of: ada).status == .ok)
                        try await there.wait("the news") {
                            $0.assumeIsolated { $0.own?.manual.text == "Number \(number)" }
                        }
                    }
                }
            }
        }
    }

    @Test("who sets something while their device begins to listen is told of it")
    func ownMeanwhile() async throws {
        try await PresenceTestService.withService { service async throws in
            let (ada, grace) = Self.colleagues()
            // Any socket will do.
            let socket = try await Watcher.connect(port: service.ports.outer).connection
            var state = StreamState()
            state.adopt(PeopleSnapshot(epoch: "e", seq: 0, views: []), asked: nil)
            for (setting, told) in [(ada, [ada.account]), (nil, [])] {
                let notices = state.ownNotices
                let listens = setting.map { state.noteOwn($0.account) }
                #expect(listens != true, "nobody listens yet")
                let member = StreamState.Member(connection: socket, account: ada.account)
                _ = state.add(member, own: nil, notices: notices, known: nil)
                #expect(state.changedOwn == Set(told))
                state.changedOwn = []
                state.remove(socket)
            }
            _ = state.add(.init(connection: socket, account: ada.account), own: nil, notices: 1, known: nil)
            let (other, own) = (state.noteOwn(grace.account), state.noteOwn(ada.account))
            #expect(!other && own)
            socket.abort()
        }
    }

    @Test("a state that only a newer release knows is passed on, and stops nothing")
    func newerState() throws {
        let account = Sample.account()
        let notice = ByteBuffer(string: #"e 7 {"account":"\#(account)","state":"on_the_moon"}"#)
        guard case .changed(let change) = try #require(StreamNotice(notice)) else {
            Issue.record("It is no change")
            return
        }
        #expect(change.account == account && !change.isHidden)
        var state = StreamState()
        state.adopt(PeopleSnapshot(epoch: "e", seq: 6, views: []), asked: nil)
        state.receive(change)
        #expect(state.position?.seq == 7 && !state.needsRepair && state.views[account] != nil)
    }

    @Test("who shows nothing that is good is refused, and says nothing in time or too much is closed")
    func refusals() async throws {
        try await PresenceTestService.withService { service async throws in
            let (ada, _) = Self.colleagues()
            let port = service.ports.outer
            for (text, code) in [
                (#"{"type":"hello","token":"nonsense"}"#, ErrorCode.unauthenticated),
                (#"{"type":"dance"}"#, .unknownType),
                (#"{"type":"activity","active":true}"#, .badRequest), ("{", .malformedMessage),
                (#"{"type":"hello"}"#, .malformedMessage),
                (#"{"type":"hello","token":"a","token":"b"}"#, .malformedMessage),
            ] {
                let watcher = try await Watcher.connect(port: port)
                watcher.say(raw: text)
                try await watcher.wait(forMessage: "a refusal of \(text)") {
                    if case .refused(let refusal) = $0 { refusal.code == code } else { false }
                }
                #expect(try await watcher.closeCode() == CloseCode.refused.rawValue)
            }
            let silent = try await Watcher.connect(port: port)
            #expect(try await silent.closeCode() == CloseCode.helloTimeout.rawValue)
            let watcher = try await service.watch(ada)
            watcher.say(raw: #"{"type":"dance"}"#)
            try await watcher.wait(forMessage: "an error") {
                if case .error(let error) = $0 { error.code == .unknownType } else { false }
            }
            watcher.say(raw: #"{"type":"ping"}"#)
            try await watcher.wait(forMessage: "a pong") { $0 == .pong }
            for _ in 1...100 { try watcher.say(active: true) }
            #expect(try await watcher.closeCode() == CloseCode.tooManyMessages.rawValue)
        }
    }

    @Test("a Redis that comes back without its memory is told everything again, and so are those who listen")
    func redisLoss() async throws {
        try await RedisServerProcess.withServer { server async throws in
            try await PresenceTestService.withService(redisURL: server.url, commandTimeout: .seconds(1)) {
                service async throws in
                let (ada, grace) = Self.colleagues()
                #expect(
                    try await service.set(ManualPresence(state: .absent, text: "Back at two"), of: grace).status == .ok)
                let watcher = try await service.watch(ada)
                try await watcher.wait(for: grace.account, .absent)
                let epoch = await watcher.epoch
                await server.kill()
                try await server.start()
                try await watcher.wait("everything anew") {
                    $0.assumeIsolated {
                        $0.epoch != epoch && $0.state(of: grace.account) == .absent
                            && $0.state(of: ada.account) == .available
                    }
                }
                #expect(try await service.set(ManualPresence(), of: grace).status == .ok)
                try await watcher.wait(for: grace.account, .offline)
            }
        }
    }

    @Test("an account has a bounded number of streams, and others are not concerned")
    func tooMany() async throws {
        try await PresenceTestService.withService { service async throws in
            let (ada, grace) = Self.colleagues()
            var open: [Watcher] = []
            for _ in 1...30 { open.append(try await service.watch(ada)) }
            let token = try await service.accessToken(organization: ada.organization, account: ada.account)
            let refused = try await Watcher.connect(port: service.ports.outer, .init(token: token))
            try await refused.wait(forMessage: "a refusal") {
                if case .refused(let refusal) = $0 { refusal.code == .tooManyRequests } else { false }
            }
            open.append(try await service.watch(grace))
            open.removeFirst().connection.abort()
            try await eventually("a place is free") {
                let watcher = try await Watcher.connect(port: service.ports.outer, .init(token: token))
                try await watcher.wait("an answer") { $0.assumeIsolated { !$0.messages.isEmpty } }
                let answer = await watcher.messages.first
                if case .welcome = answer { return nil }
                return "\(answer.map { "\($0)" } ?? "nothing")"
            }
        }
    }

    @Test("the words of who is offline are seen by those who were there and those who come later")
    func offlineWithText() async throws {
        try await PresenceTestService.withService { service async throws in
            let (ada, grace) = Self.colleagues()
            let early = try await service.watch(ada)
            #expect(
                try await service.set(ManualPresence(state: .available, text: "On holiday"), of: grace).status == .ok)
            try await early.wait("the words") { $0.assumeIsolated { $0.views[grace.account]?.text == "On holiday" } }
            let late = try await service.watch(ada)
            try await late.wait("the words") { $0.assumeIsolated { $0.views[grace.account]?.text == "On holiday" } }
            #expect(await late.state(of: grace.account) == .offline)
        }
    }

    @Test("a stream ends with its session")
    func sessionEnd() async throws {
        try await PresenceTestService.withService { service async throws in
            let (ada, _) = Self.colleagues()
            let token = try await service.accessToken(
                organization: ada.organization, account: ada.account, sessionEndsAt: .now + 2)
            let watcher = try await Watcher.connect(port: service.ports.outer, .init(token: token))
            #expect(try await watcher.closeCode() == CloseCode.signedOut.rawValue)
        }
    }

    @Test("an orderly end tells every client to come back at once")
    func shutdown() async throws {
        let ended = Ended()
        try await PresenceTestService.withService { service async throws in
            await ended.note(try await service.watch(Self.colleagues().ada))
        }
        #expect(try await ended.watcher?.closeCode() == CloseCode.serviceRestart.rawValue)
    }

    private actor Ended {
        private(set) var watcher: Watcher?
        func note(_ watcher: Watcher) { self.watcher = watcher }
    }
}
