import ParleyProtocol

extension MediaSource {
    /// The source of a participant's track at the media node.
    init?(feedMid: String) {
        guard let source = Self.allCases.first(where: { $0.feedMid == feedMid }) else { return nil }
        self = source
    }
}

extension SlotMap {
    /// Takes what a receiving connection that another signaling node has made carries now. The wishes are not known, so that
    /// everything stays as it is until the client tells them; dead slots are moved.
    ///
    /// - Parameter placeholder: the feed of the silent placeholder streams.
    /// - Returns: false when these are not the slots of such a connection; then nothing has changed.
    mutating func found(_ streams: [VideoRoomAnswer.Stream], placeholder: String) -> Bool {
        let carried = Dictionary(streams.map { ($0.mid, $0) }, uniquingKeysWith: { first, _ in first })
        guard streams.count == slots.count, slots.allSatisfy({ carried[$0.slot.mid] != nil }) else { return false }
        for index in slots.indices {
            guard let stream = carried[slots[index].slot.mid] else { continue }
            let content = Self.content(of: stream, placeholder: placeholder)
            slots[index].wish = content ?? .placeholder
            slots[index].actual = content
            slots[index].publication = nil
            slots[index].failures = 0
            let target = content.flatMap { Self.isCamera($0) ? stream.simulcast?.target ?? 2 : nil }
            slots[index].layer = target ?? 0
            slots[index].actualLayer = target
        }
        compareWithRoster()
        return true
    }

    private static func content(of stream: VideoRoomAnswer.Stream, placeholder: String) -> Content? {
        guard stream.active == true, let feed = stream.feedID else { return nil }
        if feed == placeholder { return .placeholder }
        return stream.feedMid.flatMap(MediaSource.init(feedMid:)).map { .track(ParticipantID(feed), $0) }
    }

    private static func isCamera(_ content: Content) -> Bool {
        if case .track(_, .camera) = content { true } else { false }
    }

    /// What each slot carries now, for a client that may have missed some of it.
    var contents: [SlotContent] {
        slots.map { slot in
            guard case .track(let participant, let source) = slot.actual else { return SlotContent(mid: slot.slot.mid) }
            return SlotContent(mid: slot.slot.mid, participant: participant, source: source)
        }
    }
}
