import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import ParleyProtocol
import ServiceKit
import Testing

@testable import IdentityService

@Suite("Pictures", .timeLimit(.minutes(1)))
struct PictureTests {
    private static func png(width: UInt16, height: UInt16, size: Int = 200) -> [UInt8] {
        let head: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13] + Array("IHDR".utf8)
        func bytes(_ side: UInt16) -> [UInt8] { [0, 0, UInt8(side >> 8), UInt8(side & 0xFF)] }
        let all = head + bytes(width) + bytes(height)
        return all + [UInt8](repeating: 7, count: max(0, size - all.count))
    }

    @Test("PNG, JPEG and WebP of sane size are taken")
    func kinds() throws {
        #expect(try Picture(Self.png(width: 256, height: 256)).kind == .png)
        let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xC0, 0, 11, 8, 1, 0, 1, 0, 3]
        #expect(try Picture(jpeg).kind == .jpeg)
        let lossy =
            Array("RIFF".utf8) + [0, 0, 0, 0] + Array("WEBPVP8 ".utf8) + [UInt8](repeating: 0, count: 10)
            + [0, 1, 0, 1]
        #expect(try Picture(lossy).kind == .webp)
        let extended =
            Array("RIFF".utf8) + [0, 0, 0, 0] + Array("WEBPVP8X".utf8) + [UInt8](repeating: 0, count: 8)
            + [255, 0, 0, 255, 0, 0]
        #expect(try Picture(extended).kind == .webp)
    }

    @Test("what is no picture, or too small or large a one, is refused")
    func refused() {
        let svg = Array("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".utf8)
        let html = Array("<html><script>alert(1)</script>".utf8)
        let truncated: [[UInt8]] = [
            [], [0x89], Array(Self.png(width: 256, height: 256).prefix(20)), [0xFF, 0xD8, 0xFF],
            [0xFF, 0xD8, 0xFF, 0xE0, 0xFF, 0xFF, 1], [0xFF, 0xD8, 0xFF, 0xE0, 0, 0, 0, 0],
            Array("RIFF1234WEBPVP8L".utf8),
        ]
        for bytes in [svg, html, Array("GIF89a".utf8) + [1, 0, 1, 0]] + truncated {
            let problem = #expect(throws: InputProblem.self) { try Picture(bytes) }
            #expect(problem?.field == FieldProblem("picture", .badFormat))
        }
        for (width, height) in [(15, 256), (256, 1_025), (0, 0)] as [(UInt16, UInt16)] {
            let problem = #expect(throws: InputProblem.self) { try Picture(Self.png(width: width, height: height)) }
            #expect(problem?.field == FieldProblem("picture", .notAllowed))
        }
        let large = #expect(throws: InputProblem.self) {
            try Picture(Self.png(width: 256, height: 256, size: Limits.picture + 1))
        }
        #expect(large?.field == FieldProblem("picture", .tooLong))
    }

    @Test("a person's picture is seen by colleagues, with token or cookie, and by nobody else")
    func seen() async throws {
        try await IdentityBench.run { bench async throws in
            let cookie = try await bench.signedIn()
            let token = try await bench.token(cookie)
            let picture = Self.png(width: 64, height: 64)
            let answer = try await bench.client.execute(
                uri: "/api/identity/profile/picture", method: .put,
                headers: [.authorization: "Bearer \(token)", .contentType: "image/png"],
                body: ByteBuffer(bytes: picture))
            let profile = try answer.decoded(ProfileView.self)
            #expect(profile.picture != nil)
            let path = "accounts/\(profile.account)/picture"
            for shown in [
                try await bench.send(.get, path, bearer: token), try await bench.send(.get, path, cookie: cookie),
                try await bench.send(.get, path, cookie: try await bench.signedIn("max")),
            ] {
                #expect(shown.status == .ok && shown.headers[.contentType] == "image/png")
                #expect(Array(shown.body.readableBytesView) == picture)
                #expect(HTTPField.Name("X-Content-Type-Options").map { shown.headers[$0] } == "nosniff")
            }
            let stranger = try await bench.signedIn(organization: "other")
            #expect(try await bench.send(.get, path, cookie: stranger).code == .notFound)
            #expect(try await bench.send(.get, path).code == .unauthenticated)
            for id in ["x", "%00", "\(profile.account)%00", "\(profile.account)x"] {
                #expect(try await bench.send(.get, "accounts/\(id)/picture", bearer: token).code == .notFound)
            }
            let upper = "accounts/\(profile.account.rawValue.uppercased())/picture"
            #expect(try await bench.send(.get, upper, bearer: token).status == .ok)
            let removed = try await bench.send(.delete, "profile/picture", bearer: token)
            #expect(try removed.decoded(ProfileView.self).picture == nil)
            #expect(try await bench.send(.get, path, bearer: token).code == .notFound)
        }
    }
}
