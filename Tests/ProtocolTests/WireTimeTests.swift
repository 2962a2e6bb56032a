import Foundation
import ParleyProtocol
import Testing

@Suite("Times on the wire")
struct WireTimeTests {
    @Test("a time that is read and written again is the same, to the millisecond")
    func roundTrip() throws {
        for milliseconds in 0..<1_000 {
            let time = Date(timeIntervalSince1970: 1_795_424_412 + Double(milliseconds) / 1_000)
            let message = ChatMessage(seq: 1, from: .init("p"), name: "x", text: "x", at: time)
            let once = try WireJSON.encode(message)
            let twice = try WireJSON.encode(WireJSON.decoder.decode(ChatMessage.self, from: Data(once)))
            try #require(once == twice)
            let digits = String(String(1_000 + milliseconds).dropFirst())
            try #require(String(decoding: once, as: UTF8.self).contains(".\(digits)Z"))
        }
    }
}
