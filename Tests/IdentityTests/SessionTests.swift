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

@Suite("Protection from other sites")
struct OriginRuleTests {
    private let rule = OriginRule(publicURL: "https://Meet.example:443")

    @Test(
        "another origin is refused, with and without the cookie",
        arguments: [
            "https://evil.example", "https://meet.example.evil", "http://meet.example", "https://meet.example:444",
            "null",
            "", "https://meet.example/", "https://evil@meet.example",
        ])
    func foreign(_ origin: String) {
        #expect(rule.refusal(origin: origin, hasCookie: true, contentType: "application/json") == .foreignOrigin)
        #expect(rule.refusal(origin: origin, hasCookie: false, contentType: "application/json") == .foreignOrigin)
    }

    @Test("without an origin only a request without the cookie passes")
    func missing() {
        #expect(rule.refusal(origin: nil, hasCookie: true, contentType: "application/json") == .foreignOrigin)
        #expect(rule.refusal(origin: nil, hasCookie: false, contentType: "application/json") == nil)
    }

    @Test(
        "a body must be JSON",
        arguments: ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
    func notJSON(_ contentType: String) {
        #expect(rule.refusal(origin: "https://meet.example", hasCookie: true, contentType: contentType) == .notJSON)
    }

    @Test("our own page passes, with JSON or without a body")
    func own() {
        #expect(
            rule.refusal(
                origin: "https://meet.example", hasCookie: true, contentType: "application/json; charset=utf-8") == nil)
        #expect(rule.refusal(origin: "https://meet.example", hasCookie: true, contentType: nil) == nil)
    }

    @Test("a port that the scheme does not imply is part of the origin")
    func port() {
        let rule = OriginRule(publicURL: "http://localhost:8080")
        #expect(rule.refusal(origin: "http://localhost:8080", hasCookie: true, contentType: nil) == nil)
        #expect(rule.refusal(origin: "http://localhost", hasCookie: true, contentType: nil) == .foreignOrigin)
    }
}

@Suite("Cursors of colleagues")
struct ColleagueCursorTests {
    @Test("a cursor is read back from its text")
    func roundTrip() throws {
        let cursor = ColleagueCursor(name: "müller, ä\"", account: UUID())
        #expect(ColleagueCursor(text: try cursor.text) == cursor)
    }

    @Test("other text is no cursor", arguments: ["", "x", "e30", "bnVsbA", "*"])
    func other(_ text: String) {
        #expect(ColleagueCursor(text: text) == nil)
    }

    @Test("a cursor with a NUL, which no name has, is refused")
    func nul() throws {
        #expect(ColleagueCursor(text: try ColleagueCursor(name: "a\u{0}", account: UUID()).text) == nil)
    }
}
