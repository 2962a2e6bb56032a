import Foundation
import ParleyProtocol

/// Where each track comes from at the media node: the `mid` of every source in every publisher's connection.
extension MediaSource {
    var feedMid: String {
        switch self {
        case .microphone: "0"
        case .camera: "1"
        case .screen: "2"
        }
    }
}

/// The fixed slots of one receiving connection: what each should carry, what it carries, and how to get from one to the
/// other. A value without I/O; `ParticipantMedia` does what it says.
struct SlotMap: Sendable {
    /// Whose track a slot carries, or the silent placeholder.
    enum Content: Hashable, Sendable {
        case placeholder
        case track(ParticipantID, MediaSource)
    }

    /// One slot to be moved.
    struct Move: Hashable, Sendable {
        var mid: String
        var content: Content
        /// For a camera: 0 small, 1 middle, 2 large.
        var layer: Int?
        /// Which publication of the participant is meant; tracks of an older one are dead.
        var publication = 0
    }

    struct Slot: Sendable {
        let slot: MediaSlot
        var wish: Content = .placeholder
        var layer = 0
        /// `nil`: not known, so it has to be set again.
        var actual: Content? = .placeholder
        /// The publication that `actual` is of; `nil`: the one that the roster names next.
        var publication: Int? = 0
        var actualLayer: Int?
        /// Failed moves in a row; a slot that keeps failing waits for the next change of its wish or of the roster.
        var failures = 0
    }

    static let maximumFailures = 5

    var slots: [Slot]
    private var others: [ParticipantID: Participant] = [:]
    /// Where each stands in the order of coming.
    private var order: [ParticipantID: Int] = [:]
    /// Nothing is moved before the first roster: it would look as if everybody had left.
    private var knowsRoster = false

    /// Screens first, then videos, then audio; a slot's mid is its position (that is how Janus numbers them).
    init(screens: Int = Limits.screenSlots, videos: Int = Limits.videoSlots, audios: Int = Limits.audioSlots) {
        let kinds =
            Array(repeating: MediaSlot.Kind.screen, count: screens) + Array(repeating: .video, count: videos)
            + Array(repeating: .audio, count: audios)
        slots = kinds.enumerated().map { Slot(slot: MediaSlot(mid: String($0.offset), kind: $0.element)) }
    }

    var all: [MediaSlot] { slots.map(\.slot) }

    /// How many are in the meeting, with the viewer.
    var people: Int { others.count + 1 }

    /// Takes the new roster (without the viewer, in the order of coming): places the audio of all who publish, and forgets
    /// what carried tracks of a publication that has ended, because those slots are dead even if the same person publishes
    /// again.
    mutating func roster(_ participants: [Participant]) {
        others = Dictionary(participants.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        order = Dictionary(
            participants.enumerated().map { ($0.element.id, $0.offset) }, uniquingKeysWith: { first, _ in first })
        knowsRoster = true
        for index in slots.indices { slots[index].failures = 0 }
        compareWithRoster()
    }

    /// Brings slots and roster together after one of them has come anew.
    mutating func compareWithRoster() {
        guard knowsRoster else { return }
        for index in slots.indices {
            guard case .track(let id, _) = slots[index].actual else { continue }
            let publication = slots[index].publication ?? others[id]?.publication
            slots[index].publication = publication
            if others[id]?.publishing != true || others[id]?.publication != publication { slots[index].actual = nil }
        }
        placeAudio()
    }

    private mutating func placeAudio() {
        let publishing = others.values.filter(\.publishing).map(\.id)
        var unplaced = Set(publishing)
        for index in slots.indices where slots[index].slot.kind == .audio {
            guard case .track(let id, _) = slots[index].wish else { continue }
            if unplaced.remove(id) == nil { slots[index].wish = .placeholder }
        }
        let waiting = unplaced.sorted { order[$0] ?? 0 < order[$1] ?? 0 }
        var free = slots.indices.filter { slots[$0].slot.kind == .audio && slots[$0].wish == .placeholder }
            .makeIterator()
        for id in waiting {
            guard let index = free.next() else { return }
            slots[index].wish = .track(id, .microphone)
        }
    }

    /// Takes what the page shows now.
    ///
    /// - Throws: `MediaError` with `media_refused` for a slot that is not the client's to choose or a source that does not
    ///   belong into it; then nothing has changed.
    mutating func view(_ wishes: [SlotWish]) throws(MediaError) {
        var changed = slots
        for wish in wishes {
            guard let index = Int(wish.mid), changed.indices.contains(index), changed[index].slot.mid == wish.mid,
                changed[index].slot.kind != .audio
            else { throw .refused("There is no video slot `\(wish.mid.prefix(8))`.") }
            changed[index].failures = 0
            guard let participant = wish.participant else {
                changed[index].wish = .placeholder
                continue
            }
            let source: MediaSource = changed[index].slot.kind == .screen ? .screen : .camera
            guard wish.source == nil || wish.source == source else {
                throw .refused("Slot `\(wish.mid)` is for a \(source.rawValue).")
            }
            let layer = wish.layer ?? 0
            guard (0...2).contains(layer) else { throw .refused("A layer is 0, 1 or 2.") }
            changed[index].wish = .track(participant, source)
            changed[index].layer = layer
        }
        slots = changed
    }

    /// The wish as far as it can be had: somebody who does not publish or has the source off leaves the slot empty.
    private func target(of slot: Slot) -> Content {
        guard case .track(let id, let source) = slot.wish, let participant = others[id], participant.publishing else {
            return .placeholder
        }
        return switch source {
        case .microphone: slot.wish
        case .camera: participant.state.camera ? slot.wish : .placeholder
        case .screen: participant.state.screen ? slot.wish : .placeholder
        }
    }

    /// The slots that have to be moved now.
    var moves: [Move] {
        guard knowsRoster else { return [] }
        return slots.compactMap { slot in
            let target = target(of: slot)
            guard slot.actual != target, slot.failures < Self.maximumFailures else { return nil }
            return move(slot, to: target)
        }
    }

    private func move(_ slot: Slot, to content: Content) -> Move {
        Move(
            mid: slot.slot.mid, content: content, layer: layer(of: slot, at: content),
            publication: publication(of: content))
    }

    private func publication(of content: Content) -> Int {
        guard case .track(let id, _) = content else { return 0 }
        return others[id]?.publication ?? 0
    }

    /// The slots that carry the right camera in the wrong size.
    var layerChanges: [Move] {
        guard knowsRoster else { return [] }
        return slots.compactMap { slot in
            let target = target(of: slot)
            guard slot.actual == target, let layer = layer(of: slot, at: target), slot.actualLayer != layer else {
                return nil
            }
            return move(slot, to: target)
        }
    }

    private func layer(of slot: Slot, at content: Content) -> Int? {
        if case .track(_, .camera) = content { return slot.layer }
        return nil
    }

    /// The media node has done these moves. Returns what the client must be told.
    mutating func moved(_ moves: [Move]) -> [SlotContent] {
        for move in moves {
            guard let index = slots.firstIndex(where: { $0.slot.mid == move.mid }) else { continue }
            let current = move.publication == publication(of: move.content)
            slots[index].actual = current ? move.content : nil
            slots[index].publication = move.publication
            // A switch always begins with the largest layer.
            slots[index].actualLayer = move.layer == nil ? nil : 2
            slots[index].failures = 0
        }
        return moves.map { move in
            guard case .track(let participant, let source) = move.content else { return SlotContent(mid: move.mid) }
            return SlotContent(mid: move.mid, participant: participant, source: source)
        }
    }

    /// The media node sends these layers now.
    mutating func layered(_ moves: [Move]) {
        for move in moves {
            guard let index = slots.firstIndex(where: { $0.slot.mid == move.mid }), slots[index].actual == move.content
            else { continue }
            slots[index].actualLayer = move.layer
        }
    }

    /// The slots among these that still carry somebody's picture.
    func showing(_ mids: Set<String>) -> [String] {
        slots.filter { slot in
            guard case .track(_, let source) = slot.actual, source != .microphone else { return false }
            return mids.contains(slot.slot.mid)
        }.map(\.slot.mid)
    }

    /// The media node has not done these moves.
    mutating func failed(_ moves: [Move]) {
        for move in moves {
            guard let index = slots.firstIndex(where: { $0.slot.mid == move.mid }) else { continue }
            slots[index].failures += 1
        }
    }

    /// A new receiving connection: all slots carry the placeholder again, the wishes stay.
    mutating func reset() {
        for index in slots.indices {
            slots[index].actual = .placeholder
            slots[index].actualLayer = nil
            slots[index].failures = 0
        }
    }
}
