import Foundation
import ParleyProtocol
import TestSupport
import Testing

@testable import SignalingService

/// Against a real Janus. No browser is here, so connections are negotiated but never come up.
@Suite("A participant's media at Janus", .timeLimit(.minutes(1)))
struct ParticipantMediaTests {
    private let fixture = MediaFixture()

    @Test("publishing gets an answer with three simulcast layers and silence suppression")
    func publishes() async throws {
        try await JanusServerProcess.withServer { janus in
            try await fixture.withPlanes(1, janus) { planes in
                let media = await planes[0].open(fixture.seat("a", janus), events: { _ in })
                let answer = try await media.publish(offer: try MediaFixture.offer())
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
            try await fixture.withPlanes(1, janus) { planes in
                let media = await planes[0].open(fixture.seat("a", janus), events: { _ in })
                _ = try await media.publish(offer: try MediaFixture.offer())
                #expect(try await media.publish(offer: try MediaFixture.offer()).hasPrefix("v=0"))
                await media.unpublish()
                #expect(try await media.publish(offer: try MediaFixture.offer()).hasPrefix("v=0"))
                await media.close()
            }
        }
    }

    @Test("what is blocked is blocked at Janus, also in the next publication, until it is allowed")
    func blocks() async throws {
        try await JanusServerProcess.withServer { janus in
            try await fixture.withPlanes(1, janus) { planes in
                let media = await planes[0].open(fixture.seat("a", janus), events: { _ in })
                // Nothing is published yet that could be blocked.
                await media.block([.microphone])
                #expect(await media.muted.isEmpty)
                for _ in 1...2 {
                    _ = try await media.publish(offer: try MediaFixture.offer())
                    #expect(await media.muted == [.microphone: true, .camera: false, .screen: false])
                }
                await media.block([.camera])
                #expect(await media.muted == [.microphone: false, .camera: true, .screen: false])
                await media.close()
            }
        }
    }

    @Test("subscribing offers all slots at once")
    func subscribes() async throws {
        try await JanusServerProcess.withServer { janus in
            try await fixture.withPlanes(1, janus) { planes in
                let ear = MediaEar()
                let media = await planes[0].open(fixture.seat("a", janus), events: ear.hear)
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

    @Test("of offers that are asked for at once the last one counts, and the others leave nothing behind")
    func subscribesAtOnce() async throws {
        try await JanusServerProcess.withServer { janus in
            try await fixture.withPlanes(1, janus) { planes in
                let ear = MediaEar()
                let media = await planes[0].open(fixture.seat("a", janus), events: ear.hear)
                try await media.subscribe()
                let one = try await JanusProbe(janus: janus).sessions()
                await withTaskGroup { group in
                    for _ in 1...3 { group.addTask { try? await media.subscribe() } }
                }
                #expect(ear.offers.count >= 2)
                #expect(try await JanusProbe(janus: janus).sessions() == one)
                await media.close()
            }
        }
    }

    @Test("a seat that is taken up at another node takes its place at Janus too")
    func movesToAnotherNode() async throws {
        try await JanusServerProcess.withServer { janus in
            try await fixture.withPlanes(2, janus) { planes in
                let first = await planes[0].open(fixture.seat("a", janus), events: { _ in })
                _ = try await first.publish(offer: try MediaFixture.offer())
                let second = await planes[1].open(fixture.seat("a", janus), events: { _ in })
                #expect(try await second.publish(offer: try MediaFixture.offer()).hasPrefix("v=0"))
                await first.close()
                try await second.subscribe()
                await second.close()
            }
        }
    }

    @Test("without its media node a request fails in plain words, and works when the node is back")
    func losesJanus() async throws {
        try await JanusServerProcess.withServer { janus in
            try await fixture.withPlanes(1, janus) { planes in
                let ear = MediaEar()
                let media = await planes[0].open(fixture.seat("a", janus), events: ear.hear)
                _ = try await media.publish(offer: try MediaFixture.offer())
                await janus.kill()
                try await eventually("the loss") { ear.wasLost ? nil : "not told" }
                #expect(await planes[0].isReady() == false)
                #expect(await planes[0].candidateNode() == nil)
                let offer = try MediaFixture.offer()
                await #expect(throws: MediaError.unavailable) { try await media.publish(offer: offer) }
                try await janus.start()
                try await eventually("the node") { await planes[0].isReady() ? nil : "not back" }
                #expect(try await media.publish(offer: offer).hasPrefix("v=0"))
                await media.close()
            }
        }
    }

    @Test("a seat of a node that is not configured here has no media")
    func unknownNode() async throws {
        try await JanusServerProcess.withServer { janus in
            try await fixture.withPlanes(1, janus) { planes in
                let seat = MediaSeat(
                    participant: ParticipantID("a"), room: fixture.room, meeting: fixture.meeting,
                    node: "ws://elsewhere")
                let media = await planes[0].open(seat, events: { _ in })
                await #expect(throws: MediaError.unavailable) { try await media.subscribe() }
                await media.close()
            }
        }
    }
}
