import Foundation
import ParleyProtocol
import Testing

@testable import SignalingService

@Suite("Slots of a receiving connection that another node made")
struct SlotMapFoundTests {
    private static let placeholder = "4711"

    private func person(_ id: String, publishing: Bool = true, publication: Int = 7) -> Participant {
        Participant(
            id: ParticipantID(id), name: id, role: .participant, guest: true,
            state: .init(microphone: true, camera: true, screen: false), publishing: publishing,
            publication: publication)
    }

    private func stream(_ mid: String, feed: String?, _ feedMid: String, extra: String = "") -> String {
        guard let feed else { return #"{"mid":"\#(mid)","active":false,"ready":false}"# }
        return #"{"mid":"\#(mid)","active":true,"ready":true,"feed_id":"\#(feed)","feed_mid":"\#(feedMid)"\#(extra)}"#
    }

    /// One screen, two videos, two audios: a's camera and voice are there, one slot is dead.
    private func found() throws -> [VideoRoomAnswer.Stream] {
        let streams = [
            stream("0", feed: Self.placeholder, "1"),
            stream("1", feed: "a", "1", extra: #","simulcast":{"substream":0,"substream-target":1}"#),
            stream("2", feed: nil, ""),
            stream("3", feed: Self.placeholder, "0"),
            stream("4", feed: "a", "0"),
        ]
        let text = "[" + streams.joined(separator: ",") + "]"
        return try JSONDecoder().decode([VideoRoomAnswer.Stream].self, from: Data(text.utf8))
    }

    private func map() -> SlotMap { SlotMap(screens: 1, videos: 2, audios: 2) }

    private func take(_ slots: inout SlotMap) throws {
        let isTaken = slots.found(try found(), placeholder: Self.placeholder)
        #expect(isTaken)
    }

    @Test("what is there stays, and only the dead slot is moved", arguments: [true, false])
    func stays(rosterFirst: Bool) throws {
        var slots = map()
        if rosterFirst { slots.roster([person("a")]) }
        try take(&slots)
        if !rosterFirst {
            #expect(slots.moves.isEmpty, "before the roster is known everybody seems to have left")
            slots.roster([person("a")])
        }
        #expect(slots.moves.map(\.mid) == ["2"])
        #expect(slots.moves.map(\.content) == [.placeholder])
        #expect(slots.layerChanges.isEmpty)
        _ = slots.moved(slots.moves)
        #expect(slots.moves.isEmpty)
        #expect(slots.contents.filter { $0.participant != nil }.map(\.mid) == ["1", "4"])
        try slots.view([SlotWish(mid: "1", participant: ParticipantID("a"), layer: 2)])
        #expect(slots.moves.isEmpty)
        #expect(slots.layerChanges.map(\.layer) == [2])
    }

    @Test("who has left or published anew meanwhile is moved")
    func changed() throws {
        var slots = map()
        try take(&slots)
        slots.roster([person("b")])
        #expect(slots.moves.map(\.mid) == ["1", "2", "3", "4"])
        slots = map()
        try take(&slots)
        slots.roster([person("a")])
        slots.roster([person("a", publication: 8)])
        #expect(slots.moves.map(\.mid) == ["1", "2", "4"])
    }

    @Test("other slots than ours are not taken")
    func others() throws {
        var slots = map()
        for streams in [[], Array(try found().dropLast())] {
            let isTaken = slots.found(streams, placeholder: Self.placeholder)
            #expect(!isTaken)
        }
        #expect(slots.contents == slots.all.map { SlotContent(mid: $0.mid) })
    }
}
