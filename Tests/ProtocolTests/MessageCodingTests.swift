import Foundation
import ParleyProtocol
import Testing

@Suite("Messages on the socket")
struct MessageCodingTests {
    static let examples: [ClientMessage] =
        [
            .hello(.init(ticket: "t", key: "k", state: .init(microphone: true), wait: true)),
            .resume(.init(token: "t", epoch: "e", seq: 7)),
            .updateParticipant(.init(name: "Ada", camera: false)), .signIn(.init(ticket: "t")),
            .sendChat(.init(text: "Grüße 😀", key: "k1")),
            .publishMedia(.init(sdp: "v=0\r\n")),
            .unpublishMedia,
            .subscribeMedia,
            .answerMedia(.init(sdp: "v=0\r\n")),
            .viewMedia(.init(slots: [.init(mid: "0", participant: ParticipantID("p"), source: .screen, layer: 2)])),
            .lockRoom(.init(locked: true)), .admit(.init(participants: [ParticipantID("p")])), .admit(.init()),
            .deny(.init(participant: ParticipantID("p"))), .leave,
        ]
        + [
            .turnOff(.init(source: .camera)), .block(.init(source: .screen, blocked: true, participants: [person])),
            .askToUnmute(.init(participant: person)), .lowerHands(.init(participants: [person])),
            .setRole(.init(participant: person, role: .moderator)), .rename(.init(participant: person, name: "Ada")),
            .remove(.init(participant: person, ban: true)), .sendToLobby(.init(participant: person)),
            .spotlight(.init()), .spotlight(.init(participant: person)), .end,
        ].map { .moderate($0) }
    private static let person = ParticipantID("p")

    @Test("every message of a client survives encoding and decoding")
    func roundTrip() throws {
        #expect(Set(Self.examples.map(\.kind)) == Set(ClientMessage.Kind.allCases))
        for (id, message) in Self.examples.enumerated() {
            let request = ClientRequest(id: id, message: message)
            #expect(try ClientRequest(decoding: try request.encoded()) == request)
        }
    }

    private func failure(_ text: String) -> MessageError? {
        do {
            _ = try ClientRequest(decoding: [UInt8](text.utf8))
            return nil
        } catch {
            return error
        }
    }

    @Test("unknown fields are ignored, identity in a message changes nothing")
    func unknownFields() throws {
        let text = #"{"type":"chat.send","id":3,"text":"hi","from":"somebody","participant":"else"}"#
        let request = try ClientRequest(decoding: [UInt8](text.utf8))
        #expect(request == ClientRequest(id: 3, message: .sendChat(.init(text: "hi"))))
    }

    @Test(
        "what is malformed is told by its code, with the request's id when there is one",
        arguments: [
            ("nonsense", ErrorCode.malformedMessage, nil), ("[]", .malformedMessage, nil),
            (#"{"id":1}"#, .malformedMessage, nil), (#"{"type":7}"#, .malformedMessage, nil),
            (#"{"type":"chat.send","id":"x"}"#, .malformedMessage, nil),
            (#"{"type":"chat.send","id":4}"#, .malformedMessage, 4),
            (#"{"type":"chat.send","id":4,"text":9}"#, .malformedMessage, 4),
            (#"{"type":"chat.send","text":"a","text":"b","id":4}"#, .malformedMessage, nil),
            (#"{"type":"chat.delete","id":5}"#, .unknownType, 5),
            (#"{"type":"chat.send","id":99999999999999999999,"text":"a"}"#, .malformedMessage, nil),
        ] as [(String, ErrorCode, Int?)])
    func malformed(text: String, code: ErrorCode, id: Int?) {
        #expect(failure(text)?.code == code)
        #expect(failure(text)?.id == id)
    }

    @Test("only messages with SDP may be large")
    func sizes() {
        let large = String(repeating: "x", count: Limits.message + 1)
        #expect(failure(#"{"type":"chat.send","id":1,"text":"\#(large)"}"#)?.code == .messageTooLarge)
        #expect(failure(#"{"type":"media.publish","id":1,"sdp":"\#(large)"}"#) == nil)
        let huge = String(repeating: "x", count: Limits.frame)
        #expect(failure(#"{"type":"media.publish","id":1,"sdp":"\#(huge)"}"#)?.code == .messageTooLarge)
    }

    @Test("an event's body leaves room for its number")
    func eventBodies() throws {
        let participant = Participant(id: ParticipantID("p1"), name: "Ada", role: .moderator, guest: false)
        let events: [(RoomEvent, String)] = [
            (.joined([participant]), "joined"),
            (.updated(participant), "updated"),
            (.left(.init(id: ParticipantID("p1"), reason: .gone)), "left"),
            (.chat(.init(from: ParticipantID("p1"), text: "hi")), "chat"),
            (.room(.init(policy: RoomPolicy(), locked: true)), "room"), (.mediaMoved, "media.moved"),
            (.meetingEnded(.roomDeleted), "meeting.ended"),
        ]
        for (event, type) in events {
            let body = try event.encodedBody()
            #expect(body.first == UInt8(ascii: "{"))
            let numbered = "{\"seq\":1," + String(decoding: body.dropFirst(), as: UTF8.self)
            try StrictJSON.check([UInt8](numbered.utf8))
            let object = try JSONSerialization.jsonObject(with: Data(numbered.utf8)) as? [String: Any]
            #expect(object?["type"] as? String == type)
            #expect(object?["seq"] as? Int == 1)
        }
    }

    @Test("of a participant only what is unusual is written, and read back as it was")
    func compactParticipants() throws {
        let usual = Participant(id: ParticipantID("p1"), name: "Ada")
        #expect(String(decoding: try WireJSON.encode(usual), as: UTF8.self) == #"{"id":"p1","name":"Ada"}"#)
        let unusual = Participant(
            id: ParticipantID("p1"), name: "Ada", role: .moderator, guest: false,
            state: ParticipantState(camera: true, handRaisedAt: Date(timeIntervalSince1970: 1)), connected: false,
            publishing: true, publication: 2)
        for participant in [usual, unusual] {
            let bytes = try WireJSON.encode(participant)
            #expect(try WireJSON.decoder.decode(Participant.self, from: Data(bytes)) == participant)
        }
    }

    @Test("a chat message of 100 bytes is delivered in at most 161, with a number of seven digits")
    func chatSize() throws {
        let event = RoomEvent.chat(
            .init(from: ParticipantID("abcdefghijkl"), text: String(repeating: "x", count: 100)))
        #expect("{\"seq\":1234567,".utf8.count + (try event.encodedBody().count) - 1 <= 161)
    }

    @Test("times are RFC 3339 in UTC with milliseconds, and without a fraction they are read too")
    func times() throws {
        let bytes = try WireJSON.encode([Date(timeIntervalSince1970: 1_700_000_000.25)])
        #expect(String(decoding: bytes, as: UTF8.self) == #"["2023-11-14T22:13:20.250Z"]"#)
        let plain = try WireJSON.decoder.decode([Date].self, from: Data(#"["2023-11-14T22:13:20Z"]"#.utf8))
        #expect(plain == [Date(timeIntervalSince1970: 1_700_000_000)])
        #expect(throws: DecodingError.self) {
            try WireJSON.decoder.decode([Date].self, from: Data(#"["yesterday"]"#.utf8))
        }
    }
}
