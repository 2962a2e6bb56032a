import Foundation
import Logging
import NIOPosix
import ParleyProtocol
import Synchronization
import TestSupport
import Testing

@testable import SignalingService

/// Against a real Janus. No browser is here, so connections are negotiated but never come up.
@Suite("A participant's media at Janus", .timeLimit(.minutes(1)))
struct ParticipantMediaTests {
    /// What a participant's media told.
    private final class Ear: Sendable {
        private let heard = Mutex<[MediaEvent]>([])

        var events: [MediaEvent] { heard.withLock { $0 } }

        func hear(_ event: MediaEvent) { heard.withLock { $0.append(event) } }

        var offers: [ServerMessage.MediaOffer] {
            events.compactMap { if case .offer(let offer) = $0 { offer } else { nil } }
        }

        var wasLost: Bool {
            events.contains { if case .lost = $0 { true } else { false } }
        }
    }

    private static let room = RoomID(UUID().uuidString.lowercased())
    private let meeting = MeetingID(UUID().uuidString)

    private static func offer() throws -> String {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: tests.appending(path: "Fixtures/chromium-offer.sdp"), encoding: .utf8)
    }

    private func seat(_ participant: String, _ janus: JanusServerProcess) -> MediaSeat {
        MediaSeat(participant: ParticipantID(participant), room: Self.room, meeting: meeting, node: janus.url)
    }

    /// Runs `body` with `count` signaling processes' view of one Janus.
    private func withPlanes(
        _ count: Int, _ janus: JanusServerProcess, _ body: @Sendable ([MediaPlane]) async throws -> Void
    ) async throws {
        let configuration = MediaConfiguration(
            nodes: [MediaNodeAddress(name: janus.url, url: janus.url)], apiSecret: JanusServerProcess.apiSecret,
            adminKey: JanusServerProcess.adminKey, roomSecretKey: [UInt8](repeating: 7, count: 32))
        let planes = (0..<count).map { _ in
            MediaPlane(
                configuration, eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
                logger: Logger(label: "media", factory: { _ in SwiftLogNoOpLogHandler() }))
        }
        try await withThrowingTaskGroup { group in
            for plane in planes { group.addTask { try await plane.run() } }
            for plane in planes {
                try await eventually("a working media node") { await plane.isReady() ? nil : "not yet" }
            }
            try await body(planes)
            group.cancelAll()
        }
    }

    @Test("publishing gets an answer with three simulcast layers and silence suppression")
    func publishes() async throws {
        try await JanusServerProcess.withServer { janus in
            try await withPlanes(1, janus) { planes in
                let media = await planes[0].open(seat("a", janus), events: { _ in })
                let answer = try await media.publish(offer: try Self.offer())
                #expect(answer.contains("a=simulcast:recv h;m;l"))
                #expect(answer.contains("a=ice-lite"))
                #expect(answer.components(separatedBy: "\r\nm=").count == 4)
                await media.close()
            }
        }
    }

    @Test("publishing again takes the place of the first publication")
    func publishesAgain() async throws {
        try await JanusServerProcess.withServer { janus in
            try await withPlanes(1, janus) { planes in
                let media = await planes[0].open(seat("a", janus), events: { _ in })
                _ = try await media.publish(offer: try Self.offer())
                #expect(try await media.publish(offer: try Self.offer()).hasPrefix("v=0"))
                await media.unpublish()
                #expect(try await media.publish(offer: try Self.offer()).hasPrefix("v=0"))
                await media.close()
            }
        }
    }

    @Test("subscribing offers all slots at once")
    func subscribes() async throws {
        try await JanusServerProcess.withServer { janus in
            try await withPlanes(1, janus) { planes in
                let ear = Ear()
                let media = await planes[0].open(seat("a", janus), events: ear.hear)
                try await media.subscribe()
                let offer = try #require(ear.offers.last)
                #expect(offer.slots == SlotMap().all)
                #expect(offer.sdp.components(separatedBy: "\r\nm=").count == offer.slots.count + 1)
                try await media.subscribe()
                #expect(ear.offers.count == 2)
                await #expect(throws: MediaError.self) { try await media.answer(sdp: offer.sdp + "a=x:\0") }
                await media.close()
            }
        }
    }

    @Test("a seat that is taken up at another node takes its place at Janus too")
    func movesToAnotherNode() async throws {
        try await JanusServerProcess.withServer { janus in
            try await withPlanes(2, janus) { planes in
                let first = await planes[0].open(seat("a", janus), events: { _ in })
                _ = try await first.publish(offer: try Self.offer())
                let second = await planes[1].open(seat("a", janus), events: { _ in })
                #expect(try await second.publish(offer: try Self.offer()).hasPrefix("v=0"))
                await first.close()
                try await second.subscribe()
                await second.close()
            }
        }
    }

    @Test("without its media node a request fails in plain words, and works when the node is back")
    func losesJanus() async throws {
        try await JanusServerProcess.withServer { janus in
            try await withPlanes(1, janus) { planes in
                let ear = Ear()
                let media = await planes[0].open(seat("a", janus), events: ear.hear)
                _ = try await media.publish(offer: try Self.offer())
                await janus.kill()
                try await eventually("the loss") { ear.wasLost ? nil : "not told" }
                #expect(await planes[0].isReady() == false)
                #expect(await planes[0].candidateNode() == nil)
                await #expect(throws: MediaError.unavailable) { try await media.publish(offer: try Self.offer()) }
                try await janus.start()
                try await eventually("the node") { await planes[0].isReady() ? nil : "not back" }
                #expect(try await media.publish(offer: try Self.offer()).hasPrefix("v=0"))
                await media.close()
            }
        }
    }

    @Test("a Janus that hangs is left within ten seconds")
    func leavesHungJanus() async throws {
        try await JanusServerProcess.withServer { janus in
            try await withPlanes(1, janus) { planes in
                let ear = Ear()
                let media = await planes[0].open(seat("a", janus), events: ear.hear)
                try await media.subscribe()
                await janus.pause()
                try await eventually(timeout: .seconds(10), "the loss") { ear.wasLost ? nil : "not told" }
                await janus.resume()
                try await eventually("the node") { await planes[0].isReady() ? nil : "not back" }
                try await media.subscribe()
                await media.close()
            }
        }
    }

    @Test("a seat of a node that is not configured here has no media")
    func unknownNode() async throws {
        try await JanusServerProcess.withServer { janus in
            try await withPlanes(1, janus) { planes in
                let seat = MediaSeat(
                    participant: ParticipantID("a"), room: Self.room, meeting: meeting, node: "ws://elsewhere")
                let media = await planes[0].open(seat, events: { _ in })
                await #expect(throws: MediaError.unavailable) { try await media.subscribe() }
                await media.close()
            }
        }
    }
}
