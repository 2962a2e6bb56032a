import ParleyProtocol
import Testing

@testable import SignalingService

@Suite("SDP on its way to the media node")
struct SessionDescriptionTests {
    private static let head = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"

    private func section(_ kind: String, mid: String, direction: String = "sendonly", extra: String = "") -> String {
        "m=\(kind) 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:\(mid)\r\na=\(direction)\r\n\(extra)"
    }

    private var offer: String {
        Self.head
            + section(
                "audio", mid: "0",
                extra: "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n")
            + section("video", mid: "1", extra: "a=candidate:1 1 udp 1 10.0.0.1 9 typ host\r\na=end-of-candidates\r\n")
            + section("video", mid: "2", extra: "a=Candidate:2 1 udp 1 10.0.0.1 9 typ host\r\nA=END-OF-CANDIDATES\r\n")
    }

    @Test("the offer of microphone, camera and screen is taken, without the browser's addresses")
    func takesOffer() throws {
        let description = try SessionDescription(parsing: offer)
        try description.requirePublishingOffer()
        #expect(!description.text.lowercased().contains("candidate"))
        #expect(description.text.hasPrefix("v=0\r\n"))
        #expect(description.text.hasSuffix("\r\n"))
    }

    @Test("Opus is told to fall silent, once")
    func discontinuousTransmission() throws {
        let description = try SessionDescription(parsing: offer)
        #expect(
            description.withDiscontinuousTransmission.contains("a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1\r\n"))
        let again = try SessionDescription(parsing: description.withDiscontinuousTransmission)
        #expect(again.withDiscontinuousTransmission == description.withDiscontinuousTransmission)
    }

    @Test("an offer of any other shape is refused")
    func refusesShapes() throws {
        let audio = section("audio", mid: "0")
        let video = section("video", mid: "1")
        let screen = section("video", mid: "2")
        for body in [
            "", audio, audio + video, video + audio + screen, audio + video + screen + section("video", mid: "3"),
            section("audio", mid: "0", direction: "sendrecv") + video + screen,
            audio + video + section("video", mid: "9"),
        ] {
            let description = try SessionDescription(parsing: Self.head + body)
            #expect(throws: MediaError.self) { try description.requirePublishingOffer() }
        }
    }

    @Test("what no browser sends is refused before Janus sees it")
    func refusesNonsense() {
        for text in [
            "", "hello", Self.head + "a=x:\0\r\n", Self.head + "a=\u{e4}\r\n",
            Self.head + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n",
            Self.head + "a=" + String(repeating: "x", count: SessionDescription.maximumLineLength) + "\r\n",
            Self.head + String(repeating: "a=x\r\n", count: SessionDescription.maximumLines),
            Self.head + String(repeating: "a=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n", count: Limits.sdp / 42),
        ] {
            #expect(throws: MediaError.self) { try SessionDescription(parsing: text) }
        }
    }

    @Test("an answer must fit the slots")
    func answers() throws {
        let slots = SlotMap(screens: 0, videos: 1, audios: 1).all
        let fitting = Self.head + section("video", mid: "0") + section("audio", mid: "1")
        try SessionDescription(parsing: fitting).requireAnswer(to: slots)
        let swapped = Self.head + section("audio", mid: "0") + section("video", mid: "1")
        #expect(throws: MediaError.self) { try SessionDescription(parsing: swapped).requireAnswer(to: slots) }
        let short = Self.head + section("video", mid: "0")
        #expect(throws: MediaError.self) { try SessionDescription(parsing: short).requireAnswer(to: slots) }
    }
}
