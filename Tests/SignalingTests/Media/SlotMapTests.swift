import Foundation
import ParleyProtocol
import Testing

@testable import SignalingService

@Suite("Slots of a receiving connection")
struct SlotMapTests {
    private func person(
        _ id: String, publishing: Bool = true, camera: Bool = true, screen: Bool = false, publication: Int = 1
    ) -> Participant {
        Participant(
            id: ParticipantID(id), name: id, role: .participant, guest: true,
            state: .init(microphone: true, camera: camera, screen: screen), publishing: publishing,
            publication: publication)
    }

    private func map() -> SlotMap { SlotMap(screens: 1, videos: 2, audios: 2) }

    /// Does all moves as a media node would, until nothing is to be done.
    private func settle(_ map: inout SlotMap) -> [String: SlotContent] {
        var told: [String: SlotContent] = [:]
        while !map.moves.isEmpty || !map.layerChanges.isEmpty {
            for content in map.moved(map.moves) { told[content.mid] = content }
            map.layered(map.layerChanges)
        }
        return told
    }

    @Test("screens come first, then videos, then audio, and the mid is the position")
    func order() {
        #expect(map().all.map(\.kind) == [.screen, .video, .video, .audio, .audio])
        #expect(map().all.map(\.mid) == ["0", "1", "2", "3", "4"])
        #expect(SlotMap().all.count == Limits.screenSlots + Limits.videoSlots + Limits.audioSlots)
    }

    @Test("audio of those who publish is placed without being asked, and stays where it is")
    func audio() {
        var slots = map()
        slots.roster([person("a"), person("b", publishing: false)])
        #expect(settle(&slots) == ["3": SlotContent(mid: "3", participant: ParticipantID("a"), source: .microphone)])
        slots.roster([person("b"), person("a")])
        #expect(settle(&slots) == ["4": SlotContent(mid: "4", participant: ParticipantID("b"), source: .microphone)])
        slots.roster([person("b")])
        #expect(settle(&slots) == ["3": SlotContent(mid: "3")])
        slots.roster([person("b"), person("c")])
        #expect(settle(&slots)["3"]?.participant == ParticipantID("c"))
    }

    @Test("a picture is shown when it is wished and there is one, in the size that was wished")
    func video() throws {
        var slots = map()
        try slots.view([SlotWish(mid: "1", participant: ParticipantID("a"), source: .camera, layer: 1)])
        #expect(slots.moves.isEmpty)
        slots.roster([person("a", camera: false)])
        #expect(settle(&slots)["1"] == nil)
        slots.roster([person("a")])
        let moves = slots.moves
        #expect(moves.contains { $0.mid == "1" && $0.layer == 1 })
        _ = slots.moved(moves)
        #expect(slots.layerChanges.map(\.layer) == [1], "a switch begins with the largest layer")
        slots.layered(slots.layerChanges)
        #expect(slots.layerChanges.isEmpty)
        try slots.view([SlotWish(mid: "1", participant: ParticipantID("a"), layer: 2)])
        #expect(slots.moves.isEmpty)
        #expect(slots.layerChanges.map(\.layer) == [2])
        slots.roster([person("a", camera: false)])
        #expect(settle(&slots) == ["1": SlotContent(mid: "1")])
    }

    @Test("a screen goes into a screen slot only")
    func screen() throws {
        var slots = map()
        try slots.view([SlotWish(mid: "0", participant: ParticipantID("a"), source: .screen)])
        slots.roster([person("a", screen: true)])
        #expect(settle(&slots)["0"] == SlotContent(mid: "0", participant: ParticipantID("a"), source: .screen))
    }

    @Test(
        "what is not the client's to choose is refused and changes nothing",
        arguments: [
            SlotWish(mid: "3", participant: ParticipantID("a")), SlotWish(mid: "99"), SlotWish(mid: "-1"),
            SlotWish(mid: "x"), SlotWish(mid: "01"),
            SlotWish(mid: "1", participant: ParticipantID("a"), source: .screen),
            SlotWish(mid: "1", participant: ParticipantID("a"), layer: 3),
            SlotWish(mid: "0", participant: ParticipantID("a"), source: .microphone),
        ])
    func refusals(wish: SlotWish) {
        var slots = map()
        slots.roster([person("a")])
        _ = settle(&slots)
        #expect(throws: MediaError.self) {
            try slots.view([SlotWish(mid: "2", participant: ParticipantID("a"), source: .camera), wish])
        }
        #expect(slots.moves.isEmpty)
    }

    @Test("slots of somebody who published anew are moved again, because the old ones are dead")
    func publishedAnew() {
        var slots = map()
        slots.roster([person("a")])
        _ = settle(&slots)
        slots.roster([person("a", publication: 2)])
        #expect(slots.moves.map(\.mid) == ["3"], "though the end of the first was never told")
        _ = settle(&slots)
        slots.roster([person("a", publishing: false, publication: 2)])
        slots.roster([person("a", publication: 3)])
        #expect(slots.moves.map(\.mid) == ["3"])
    }

    @Test("a move that was on its way while its publication ended does not count")
    func overtaken() {
        var slots = map()
        slots.roster([person("a")])
        let moves = slots.moves
        slots.roster([person("a", publication: 2)])
        _ = slots.moved(moves)
        #expect(slots.moves.map(\.mid) == ["3"])
    }

    @Test("a slot that keeps failing is left alone until something changes")
    func failing() {
        var slots = map()
        slots.roster([person("a")])
        for _ in 1...SlotMap.maximumFailures { slots.failed(slots.moves) }
        #expect(slots.moves.isEmpty)
        slots.roster([person("a"), person("b", publishing: false)])
        #expect(slots.moves.map(\.mid) == ["3"])
    }

    @Test("a new connection is filled with the same wishes")
    func newConnection() throws {
        var slots = map()
        slots.roster([person("a")])
        try slots.view([SlotWish(mid: "2", participant: ParticipantID("a"), source: .camera, layer: 2)])
        let before = settle(&slots)
        slots.reset()
        #expect(settle(&slots) == before)
    }
}
