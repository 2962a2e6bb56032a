import Foundation
import ParleyProtocol
import Testing

@Suite("UUIDs as text")
struct UUIDTextTests {
    private static let id = "3f2b6a52-0c5e-4f43-9d4e-8a1f4f0f9f10"

    @Test("a UUID is its 36 characters in either case", arguments: [id, id.uppercased(), "3F2B6A52" + id.dropFirst(8)])
    func right(_ text: String) throws {
        #expect(try #require(UUID(text: text)).uuidString.lowercased() == Self.id)
        #expect(UUID(text: text.dropFirst(0)) == UUID(text: text), "a part of a text too")
        #expect(AccountID(text).isUUID == (text == Self.id), "an id is in lower case")
    }

    @Test(
        "nothing else is one",
        arguments: [
            "", String(id.dropLast()), String(id.dropFirst()), id + "0", id + " ", "\(id)\u{0}", "\(id)\u{0}more",
            "\(id.dropLast())\u{0}", "\(id.dropLast(4))\u{0}f10", "\(id.dropLast())g", "{\(id.dropLast(2))}",
            id.replacing("-", with: ""), id.replacing("-", with: "_"), String(repeating: "-", count: 36),
            "\(id.dropLast(2))é", "\(id.dropLast())１",
        ])
    func wrong(_ text: String) {
        #expect(UUID(text: text) == nil)
        #expect(!AccountID(text).isUUID)
    }
}
