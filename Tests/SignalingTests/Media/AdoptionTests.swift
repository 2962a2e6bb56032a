import ParleyProtocol
import TestSupport
import Testing

@testable import SignalingService

/// Against a real Janus. Senders are feeds of the kind that Janus takes from another Janus.
@Suite("Media of a seat that another signaling node takes over", .timeLimit(.minutes(1)))
struct AdoptionTests {
    private let fixture = MediaFixture()

    @Test("handles tell of the session, and of the receiving connection when its offer is answered")
    func handles() async throws {
        try await JanusServerProcess.withServer { janus in
            try await fixture.withPlanes(1, janus) { planes in
                let ear = MediaEar()
                let media = await planes[0].open(fixture.seat("a", janus), events: ear.hear)
                try await media.subscribe()
                let first = try #require(ear.handles)
                #expect(first.subscriber == nil)
                #expect(first.node == janus.url)
                try await media.answer(sdp: MediaFixture.answer(to: try #require(ear.offers.last).sdp))
                let second = try #require(ear.handles)
                #expect(second.subscriber != nil)
                #expect(second.session == first.session)
                try await media.subscribe()
                #expect(ear.handles?.subscriber == nil)
                #expect(try await JanusProbe(janus: janus).sessions()[first.session] == 2)
                await media.close()
                #expect(ear.handles != nil, "after its end a seat's media tell nothing")
                try await eventually("the end") {
                    try await JanusProbe(janus: janus).sessions()[first.session] == nil ? nil : "still there"
                }
            }
        }
    }

    @Test("after the death of its node the same session goes on, with what is in its slots")
    func adopts() async throws {
        try await JanusServerProcess.withServer { janus in
            let probe = JanusProbe(janus: janus)
            try await MediaFixture.running([fixture.plane([janus]), fixture.plane([janus])]) { planes, kill in
                let before = MediaEar()
                let first = await planes[0].open(fixture.seat("a", janus), events: before.hear)
                try await first.receive(before)
                try await probe.addPublisher("b", to: fixture.name)
                try await first.view([SlotWish(mid: "3", participant: ParticipantID("b"), layer: 1)])
                await first.rosterChanged([fixture.person("b")])
                #expect(before.slots.keys.sorted() == ["14", "3"])
                let left = try #require(before.handles)
                await kill(0)

                let ear = MediaEar()
                let second = await planes[1].adopt(fixture.seat("a", janus), handles: left, events: ear.hear)
                await second.rosterChanged([fixture.person("b")])
                try await eventually("the takeover") { ear.publishing.isEmpty ? "not yet" : nil }
                #expect(ear.slots == before.slots)
                #expect(ear.handles == left)
                #expect(ear.publishing == [false])
                try await second.view([SlotWish(mid: "3", participant: ParticipantID("b"), layer: 1)])
                #expect(ear.slots == before.slots, "what is there already is not touched")
                try await second.view([SlotWish(mid: "3"), SlotWish(mid: "4", participant: ParticipantID("b"))])
                #expect(ear.slots.keys.sorted() == ["14", "4"])
                #expect(try await second.publish(offer: try MediaFixture.offer()).hasPrefix("v=0"))
                #expect(!ear.wasLost)
                #expect(try await probe.sessions()[left.session] == 2)
                await second.close()
            }
        }
    }

    @Test("who was never told of an offer that Janus waits for builds anew")
    func forgottenOffer() async throws {
        try await JanusServerProcess.withServer { janus in
            let probe = JanusProbe(janus: janus)
            var times = MediaTimes()
            times.receiver = .milliseconds(100)
            let planes = [fixture.plane([janus]), fixture.plane([janus], times: times)]
            try await MediaFixture.running(planes) { planes, kill in
                let before = MediaEar()
                let first = await planes[0].open(fixture.seat("a", janus), events: before.hear)
                try await first.receive(before)
                try await probe.addPublisher("b", to: fixture.name)
                await first.rosterChanged([fixture.person("b")])
                #expect(before.slots.keys.sorted() == ["14"])
                await kill(0)
                let left = try #require(before.handles)
                // Janus makes an offer, for nobody.
                try await probe.removePublisher("b", from: fixture.name)
                try await eventually("the end of the slot") {
                    try await probe.deadSlots(left) == ["14"] ? nil : "it goes on"
                }

                let ear = MediaEar()
                let second = await planes[1].adopt(fixture.seat("a", janus), handles: left, events: ear.hear)
                await second.rosterChanged([])
                try await eventually("the takeover") { ear.slots.isEmpty && ear.handles == left ? nil : "not yet" }
                try await eventually("the loss") { ear.wasLost ? nil : "not told" }
                try await second.receive(ear)
                #expect(ear.handles?.subscriber != nil)
                await second.close()
            }
        }
    }

    @Test("fifty seats of a dead node are taken over within a moment")
    func adoptsMany() async throws {
        try await JanusServerProcess.withServer { janus in
            try await MediaFixture.running([fixture.plane([janus]), fixture.plane([janus])]) { planes, kill in
                var left: [MediaHandles] = []
                for index in 0..<50 {
                    let ear = MediaEar()
                    try await planes[0].open(fixture.seat("p\(index)", janus), events: ear.hear).receive(ear)
                    left.append(try #require(ear.handles))
                }
                await kill(0)
                let ears = left.map { _ in MediaEar() }
                let began = ContinuousClock.now
                var all: [ParticipantMedia] = []
                for (index, handles) in left.enumerated() {
                    let seat = fixture.seat("p\(index)", janus)
                    all.append(await planes[1].adopt(seat, handles: handles, events: ears[index].hear))
                }
                for ear in ears {
                    try await eventually("the takeover") { ear.publishing.isEmpty ? "not yet" : nil }
                }
                let took = ContinuousClock.now - began
                #expect(took < .seconds(5), "\(took)")
                #expect(!ears.contains { $0.wasLost })
                for media in all { await media.close() }
            }
        }
    }

    @Test("a publication that was being negotiated can be begun anew")
    func publishesAnew() async throws {
        try await JanusServerProcess.withServer { janus in
            try await MediaFixture.running([fixture.plane([janus]), fixture.plane([janus])]) { planes, kill in
                let before = MediaEar()
                let first = await planes[0].open(fixture.seat("a", janus), events: before.hear)
                _ = try await first.publish(offer: try MediaFixture.offer())
                await kill(0)
                let second = await planes[1].adopt(
                    fixture.seat("a", janus), handles: try #require(before.handles), events: { _ in })
                #expect(try await second.publish(offer: try MediaFixture.offer()).hasPrefix("v=0"))
                await second.close()
            }
        }
    }

    @Test("who believes in a receiving connection that nobody knows of builds anew")
    func unknownReceiver() async throws {
        try await JanusServerProcess.withServer { janus in
            var times = MediaTimes()
            times.receiver = .milliseconds(100)
            let planes = [fixture.plane([janus], times: times), fixture.plane([janus], times: times)]
            try await MediaFixture.running(planes) { planes, kill in
                let before = MediaEar()
                let first = await planes[0].open(fixture.seat("a", janus), events: before.hear)
                try await first.receive(before)
                var left = try #require(before.handles)
                left.subscriber = nil
                await kill(0)
                let ear = MediaEar()
                let second = await planes[1].adopt(fixture.seat("a", janus), handles: left, events: ear.hear)
                try await second.view([SlotWish(mid: "3")])
                try await eventually("the loss") { ear.wasLost ? nil : "not told" }
                try await second.receive(ear)
                #expect(ear.handles?.subscriber != nil)
                await second.close()
            }
        }
    }

    @Test("when Janus has forgotten the session, the media are lost and built anew")
    func forgotten() async throws {
        try await JanusServerProcess.withServer { janus in
            try await MediaFixture.running([fixture.plane([janus]), fixture.plane([janus])]) { planes, kill in
                let before = MediaEar()
                let first = await planes[0].open(fixture.seat("a", janus), events: before.hear)
                try await first.receive(before)
                await kill(0)
                await janus.kill()
                try await janus.start()
                let ear = MediaEar()
                let second = await planes[1].adopt(
                    fixture.seat("a", janus), handles: try #require(before.handles), events: ear.hear)
                try await eventually("the loss") { ear.wasLost ? nil : "not told" }
                #expect(ear.handles == nil)
                #expect(ear.publishing == [false])
                try await second.receive(ear)
                #expect(ear.handles?.subscriber != nil)
                await second.close()
            }
        }
    }

    @Test("a seat that has moved lets go of its session, which its new owner keeps")
    func releases() async throws {
        try await JanusServerProcess.withServer { janus in
            try await fixture.withPlanes(2, janus) { planes in
                let before = MediaEar(), ear = MediaEar()
                let first = await planes[0].open(fixture.seat("a", janus), events: before.hear)
                try await first.receive(before)
                let left = try #require(before.handles)
                let second = await planes[1].adopt(fixture.seat("a", janus), handles: left, events: ear.hear)
                try await eventually("the takeover") { ear.publishing.isEmpty ? "not yet" : nil }
                let count = before.events.count
                await first.release()
                await #expect(throws: MediaError.self) { try await first.subscribe() }
                await #expect(throws: MediaError.self) { try await first.publish(offer: try MediaFixture.offer()) }
                await first.close()
                #expect(before.events.count == count)
                #expect(try await JanusProbe(janus: janus).sessions()[left.session] == 2)
                try await second.view([SlotWish(mid: "0")])

                // And back again: what the first had of it before does no harm.
                let again = MediaEar()
                let third = await planes[0].adopt(fixture.seat("a", janus), handles: left, events: again.hear)
                try await eventually("the takeover") { again.publishing.isEmpty ? "not yet" : nil }
                await second.release()
                await first.close()
                try await third.view([SlotWish(mid: "0")])
                #expect(!again.wasLost)
                await third.close()
                try await eventually("the end") {
                    try await JanusProbe(janus: janus).sessions()[left.session] == nil ? nil : "still there"
                }
            }
        }
    }

    @Test("the session of an owner that died with its seat is destroyed")
    func destroys() async throws {
        try await JanusServerProcess.withServer { janus in
            try await MediaFixture.running([fixture.plane([janus]), fixture.plane([janus])]) { planes, kill in
                let ear = MediaEar()
                let media = await planes[0].open(fixture.seat("a", janus), events: ear.hear)
                try await media.subscribe()
                let left = try #require(ear.handles)
                await kill(0)
                #expect(try await JanusProbe(janus: janus).sessions()[left.session] == 2)
                await planes[1].destroy(left)
                try await eventually("the end") {
                    try await JanusProbe(janus: janus).sessions()[left.session] == nil ? nil : "still there"
                }
            }
        }
    }
}
