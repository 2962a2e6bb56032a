import Crypto
import Foundation
import ParleyProtocol
import Testing

@testable import IdentityService

@Suite("Sessions and keys")
struct SessionTests {
    @Test("a session ends 24 h after sign-in when one stays logged in, else after 12 h")
    func lifetimes() {
        #expect(Session.lifetime(stayLoggedIn: true) == 86_400)
        #expect(Session.lifetime(stayLoggedIn: false) == 43_200)
    }

    @Test("a session token has 256 bits, is read back from its text, and its digest is not itself")
    func tokens() throws {
        let token = SessionToken()
        #expect(token.text.count == 43)
        #expect(SessionToken(text: token.text) == token)
        #expect(token != SessionToken())
        #expect(token.digest.count == 32)
        #expect([UInt8](base64URL: token.text) != token.digest)
    }

    @Test(
        "other text is no session token",
        arguments: [
            "", "x", "*", String(repeating: "A", count: 42), String(repeating: "A", count: 44),
            String(repeating: "A", count: 42) + "B",
        ])
    func noToken(_ text: String) {
        #expect(SessionToken(text: text) == nil)
    }

    @Test("a signing key is opened with the cluster secret it was sealed with, and with no other")
    func seal() throws {
        let key = SigningKey()
        let seal = SigningKeySeal(clusterSecret: .init(repeating: 7, count: 32))
        let sealed = try seal.seal(key)
        let opened = try seal.open(sealed, id: key.id)
        #expect(opened.id == key.id)
        #expect(opened.privateKey.rawRepresentation == key.privateKey.rawRepresentation)
        #expect(throws: SigningKeySeal.WrongSecret.self) {
            try SigningKeySeal(clusterSecret: .init(repeating: 8, count: 32)).open(sealed, id: key.id)
        }
        #expect(throws: SigningKeySeal.WrongSecret.self) { try seal.open(sealed, id: "other") }
        #expect(throws: SigningKeySeal.WrongSecret.self) { try seal.open(Array(sealed.dropLast()), id: key.id) }
        #expect(throws: SigningKeySeal.WrongSecret.self) { try seal.open([], id: key.id) }
    }
}
