import ParleyProtocol

/// What signaling lets through of a browser's SDP (RFC 8866) on its way to Janus, whose parser is not meant for strangers.
struct SessionDescription: Hashable, Sendable {
    enum MediaKind: String, Sendable {
        case audio, video
    }

    struct Section: Hashable, Sendable {
        var kind: MediaKind
        var mid: String
        var direction: String
    }

    static let maximumLines = 8_000
    static let maximumLineLength = 2_048

    let sections: [Section]
    /// Without ICE candidates: the media node is ICE-lite and learns addresses from the checks that it receives, so it
    /// never sends a packet to an address that a browser names.
    let text: String

    /// - Throws: `MediaError` with `media_refused` for anything that a browser would not send.
    init(parsing sdp: String) throws(MediaError) {
        guard sdp.utf8.count <= Limits.sdp else { throw .refused("The SDP is larger than \(Limits.sdp) bytes.") }
        guard sdp.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F || $0 == 0x0D || $0 == 0x0A }) else {
            throw .refused("The SDP has characters that do not belong there.")
        }
        let lines = sdp.split(omittingEmptySubsequences: true) { $0 == "\r\n" || $0 == "\n" || $0 == "\r" }
        guard lines.count <= Self.maximumLines, lines.allSatisfy({ $0.utf8.count <= Self.maximumLineLength }) else {
            throw .refused("The SDP has too many or too long lines.")
        }
        guard lines.first == "v=0" else { throw .refused("This is not SDP.") }
        // Janus reads names of attributes without regard to case.
        let kept = lines.filter { line in
            let name = line.prefix { $0 != ":" }.lowercased()
            return name != "a=candidate" && name != "a=end-of-candidates" && name != "a=remote-candidates"
        }
        sections = try Self.sections(of: kept)
        text = kept.map { $0 + "\r\n" }.joined()
    }

    private static func sections(of lines: [Substring]) throws(MediaError) -> [Section] {
        var sections: [Section] = []
        for line in lines {
            if line.hasPrefix("m=") {
                guard let kind = MediaKind(rawValue: String(line.dropFirst(2).prefix { $0 != " " })) else {
                    throw .refused("The SDP has a section that is neither audio nor video.")
                }
                sections.append(Section(kind: kind, mid: "", direction: "sendrecv"))
            } else if let last = sections.indices.last {
                if line.hasPrefix("a=mid:") { sections[last].mid = String(line.dropFirst(6)) }
                if ["a=sendonly", "a=recvonly", "a=inactive", "a=sendrecv"].contains(line) {
                    sections[last].direction = String(line.dropFirst(2))
                }
            }
        }
        return sections
    }

    /// Holds an offer of a sending connection against the one shape that there is: microphone, camera, screen.
    func requirePublishingOffer() throws(MediaError) {
        let expected = [
            Section(kind: .audio, mid: "0", direction: "sendonly"),
            Section(kind: .video, mid: "1", direction: "sendonly"),
            Section(kind: .video, mid: "2", direction: "sendonly"),
        ]
        guard sections == expected else {
            throw .refused("An offer has three sending sections: microphone (mid 0), camera (mid 1), screen (mid 2).")
        }
    }

    /// Holds an answer of a receiving connection against the slots that were offered.
    func requireAnswer(to slots: [MediaSlot]) throws(MediaError) {
        let fits =
            sections.count == slots.count
            && zip(sections, slots).allSatisfy { section, slot in
                section.mid == slot.mid && (section.kind == .audio) == (slot.kind == .audio)
            }
        guard fits else { throw .refused("The answer does not fit the offer.") }
    }

    /// With Opus told to fall silent in silence (DTX). Janus takes it from the offer's `usedtx` only, whatever the room
    /// says; a quiet microphone then costs 5 packets a second and not 50.
    var withDiscontinuousTransmission: String {
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: true)
        let opus = lines.compactMap { line -> Substring? in
            guard line.hasPrefix("a=rtpmap:"), line.lowercased().contains(" opus/") else { return nil }
            return line.dropFirst("a=rtpmap:".count).prefix { $0 != " " }
        }
        let edited = lines.map { line -> String in
            let isOpus = opus.contains { line.hasPrefix("a=fmtp:\($0) ") }
            return isOpus && !line.contains("usedtx=") ? line + ";usedtx=1" : String(line)
        }
        return edited.map { $0 + "\r\n" }.joined()
    }
}
