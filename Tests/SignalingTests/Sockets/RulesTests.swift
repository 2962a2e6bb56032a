import Foundation
import NIOCore
import ParleyProtocol
import ServiceKit
import Testing

@testable import SignalingService

@Suite("Rules without any I/O")
struct RulesTests {
    @Test("an event is delivered when it is the next one, dropped when it is known, and else shows a gap")
    func order() {
        var order = EventOrder(epoch: "e", seq: 4)
        #expect(order.step(epoch: "e", seq: 4) == .drop)
        #expect(order.step(epoch: "e", seq: 5) == .deliver)
        #expect(order.step(epoch: "e", seq: 5) == .drop)
        #expect(order.step(epoch: "e", seq: 7) == .gap)
        #expect(order.step(epoch: "e", seq: 6) == .deliver)
        #expect(order.step(epoch: "f", seq: 7) == .gap)
        #expect(order.seq == 6)
    }

    @Test("a message of the channel is read to the last byte, and anything else is ignored")
    func roomMessage() throws {
        let text = "epoch 7 updated p1 42 node-1\n{\"seq\":7,\"type\":\"updated\"}"
        let message = try #require(RoomMessage(ByteBuffer(string: text)))
        #expect(message.epoch == "epoch" && message.seq == 7 && message.kind == .updated)
        #expect(message.participant == ParticipantID("p1") && message.fence == 42 && message.node == "node-1")
        #expect(String(decoding: message.json, as: UTF8.self) == "{\"seq\":7,\"type\":\"updated\"}")
        for bad in ["", "\n", "a b c d e f\n{}", "e 1 updated p 1\n{}", "e 1 dance p 1 n\n{}", "e 1 updated p 1 n"] {
            #expect(RoomMessage(ByteBuffer(string: bad)) == nil)
        }
    }

    @Test("a token bucket lets a burst through and then the rate")
    func bucket() {
        let start = ContinuousClock.now
        var bucket = TokenBucket(rate: 2, burst: 3, now: start)
        let burst = (1...4).map { _ in bucket.take(now: start) }
        #expect(burst == [true, true, true, false])
        let later = [bucket.take(now: start + .milliseconds(500)), bucket.take(now: start + .milliseconds(500))]
        #expect(later == [true, false])
        let muchLater = (1...4).map { _ in bucket.take(now: start + .seconds(3_600)) }
        #expect(muchLater == [true, true, true, false])
        let clockBack = bucket.take(now: start)
        #expect(!clockBack)
    }

    @Test("a resume token is read back, and only the right secret matches its hash")
    func resumeToken() throws {
        let tokens = ResumeTokens(clusterSecret: TestCluster.secret)
        let room = newRoom()
        let participant = ParticipantID("abc123")
        let token = tokens.make(room, participant)
        let read = try #require(tokens.read(token.text, room))
        #expect(read.participant == participant)
        #expect(read.matches(token.hash) && read.hash.utf8.count == 64)
        #expect(!tokens.make(room, participant).matches(token.hash))
        #expect(!read.matches("") && !read.matches(String(repeating: "0", count: 64)))
    }

    @Test("a resume token that no node has made for this room and participant is none")
    func inventedResumeToken() throws {
        let tokens = ResumeTokens(clusterSecret: TestCluster.secret)
        let room = newRoom()
        let token = tokens.make(room, ParticipantID("abc123"))
        let secret = token.text.dropFirst("abc123.".count)
        let other = Array("another secret, as long as the true one".utf8)
        #expect(tokens.read(token.text, newRoom()) == nil)
        #expect(ResumeTokens(clusterSecret: other).read(token.text, room) == nil)
        let bad = [
            "", ".", "x", ".x", "a b.c", "ä.c", String(repeating: "a", count: 100) + ".x", "abc123.",
            "abc124.\(secret)",
            "abc123.\(secret)A", "abc123.\(secret.dropLast())", "abc123.A\(secret.dropFirst())=",
            "abc123." + String(repeating: "A", count: 43), String(repeating: "a", count: 200) + ".\(secret)",
        ]
        for text in bad { #expect(tokens.read(text, room) == nil, "\(text)") }
    }

    @Test("names lose the space around them; what is not to be seen or turns the text is refused")
    func names() throws {
        #expect(try TextRules.displayName(" Ada\u{A0}Lovelace\t") == "Ada\u{A0}Lovelace")
        #expect(try TextRules.displayName("👩🏽‍🚀 Ünï") == "👩🏽‍🚀 Ünï")
        let zalgo = "a" + String(repeating: "\u{301}", count: 300)
        for bad in ["", "\u{200F}", "a\u{7F}b", "a\u{2067}b", "\u{E000}", zalgo] {
            #expect(throws: RequestFailure.self) { try TextRules.displayName(bad) }
        }
    }

    @Test("a chat message has an end in bytes too")
    func chatBytes() throws {
        let flag = "🏴󠁧󠁢󠁷󠁬󠁳󠁿"
        let most = String(repeating: flag, count: Limits.chatTextBytes / flag.utf8.count)
        #expect(try TextRules.chat(most) == most)
        #expect(throws: RequestFailure.self) { try TextRules.chat(most + flag) }
    }

    @Test("a welcome of a full room leaves room in its socket's budget")
    func welcomeSize() throws {
        let name = String(repeating: "𝒜", count: 4 * Limits.displayName.upperBound)
        let people = (1...Limits.seats).map { _ in
            Participant(
                id: RandomName.identifier(), name: name, role: .moderator, guest: false,
                state: ParticipantState(microphone: true, camera: true, screen: true, handRaisedAt: .now))
        }
        let chat = try people.map { try RoomEvent.updated($0).encodedBody().count }.reduce(0, +)
        #expect(chat + Limits.chatHistoryBytes < Limits.socketBudget * 3 / 4)
    }

    @Test("TURN credentials are those that coturn computes, and STUN needs none")
    func turn() throws {
        let credentials = TurnCredentials(
            urls: ["stun:turn.example:3478", "turn:turn.example:3478"], secret: Array("north".utf8))
        let servers = credentials.servers(for: ParticipantID("abc"), now: Date(timeIntervalSince1970: 1_700_000_000))
        #expect(servers.first == ICEServer(urls: ["stun:turn.example:3478"]))
        #expect(servers.last?.username == "1700003600:abc")
        // printf '1700003600:abc' | openssl dgst -sha1 -hmac north -binary | base64
        #expect(servers.last?.credential == "IMSPYGMI9e0aXDFcZousOwkA8N0=")
        #expect(TurnCredentials(urls: [], secret: []).servers(for: ParticipantID("abc")).isEmpty)
    }

    @Test("all settings that are missing or wrong are named at once")
    func settings() throws {
        #expect {
            try SignalingSettings(Settings(environment: ["PARLEY_TURN_URLS": "http://x", "PARLEY_NODE": "a b"]))
        } throws: { error in
            let problems = (error as? SettingsError)?.problems.joined(separator: "\n") ?? ""
            return [
                "REDIS_URL", "IDENTITY_URL", "DIRECTORY_URL", "PRESENCE_URL", "JANUS_URLS", "JANUS_API_SECRET",
                "JANUS_ADMIN_KEY",
                "CLUSTER_SECRET", "PUBLIC_URL", "TURN_URLS", "NODE",
            ].allSatisfy { problems.contains("PARLEY_\($0)") }
        }
        let secret = "3vR8qLw0ZkT5nYb2HcXs7PdGm1JfUe9A"
        let settings = try SignalingSettings(
            Settings(environment: [
                "PARLEY_REDIS_URL": "redis://localhost:6379/1", "PARLEY_IDENTITY_URL": "http://i:1",
                "PARLEY_DIRECTORY_URL": "http://d:1/",
                "PARLEY_PRESENCE_URL": "http://p:1, http://q:1/", "PARLEY_JANUS_URLS": "ws://j1:8188, ws://j2:8188",
                "PARLEY_JANUS_API_SECRET": secret, "PARLEY_JANUS_ADMIN_KEY": secret, "PARLEY_CLUSTER_SECRET": secret,
                "PARLEY_PUBLIC_URL": "https://meet.example", "PARLEY_TURN_URLS": "turn:t:3478",
                "PARLEY_TURN_SECRET": secret,
            ]))
        #expect(settings.allowedOrigins == ["https://meet.example"])
        #expect(settings.presenceURLs == ["http://p:1", "http://q:1"])
        #expect(settings.janusURLs == ["ws://j1:8188", "ws://j2:8188"])
    }
}
