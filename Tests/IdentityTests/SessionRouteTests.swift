import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import ParleyProtocol
import Postgres
import Testing

@testable import IdentityService

@Suite("Sessions over HTTP", .timeLimit(.minutes(1)))
struct SessionRouteTests {
    @Test("without \"stay logged in\" the cookie ends with the browser, and the session after 12 h")
    func browserSession() async throws {
        try await IdentityBench.run { bench async throws in
            let response = try await bench.signIn(stayLoggedIn: false)
            #expect(response.cookieAttributes == ["path=/", "secure", "httponly", "samesite=lax"])
            #expect(response.headers[.cacheControl] == "no-store")
            let view = try response.decoded(SessionView.self)
            #expect(!view.stayLoggedIn)
            #expect(abs(view.expiresAt.timeIntervalSinceNow - 43_200) < 60)
        }
    }

    @Test("with \"stay logged in\" the cookie and the session end after 24 h, and asking for it moves nothing")
    func persistentSession() async throws {
        try await IdentityBench.run { bench async throws in
            let response = try await bench.signIn(stayLoggedIn: true)
            #expect(response.cookieAttributes == ["path=/", "secure", "httponly", "samesite=lax", "max-age=86400"])
            let view = try response.decoded(SessionView.self)
            #expect(view.stayLoggedIn)
            #expect(abs(view.expiresAt.timeIntervalSinceNow - 86_400) < 60)
            let again = try await bench.send(.get, "session", cookie: response.sessionCookie)
            #expect(again.headers[.setCookie] == nil)
            #expect(try again.decoded(SessionView.self) == view)
        }
    }

    @Test("the database does not hold what the cookie holds")
    func digest() async throws {
        try await IdentityBench.run { bench async throws in
            let cookie = try await bench.signedIn()
            let row = try #require(try await bench.pool.query("select * from session").first)
            let digest: [UInt8] = try row.decode("token_digest")
            #expect(digest == SessionToken(text: cookie)?.digest)
            #expect([UInt8](base64URL: cookie) != digest)
        }
    }

    @Test("without a valid cookie nobody is signed in", arguments: [nil, "", "x", String(repeating: "A", count: 43)])
    func nobody(_ cookie: String?) async throws {
        try await IdentityBench.run { bench async throws in
            for response in [
                try await bench.send(.get, "session", cookie: cookie),
                try await bench.send(.post, "session/token", cookie: cookie),
            ] {
                #expect(response.status == .unauthorized)
                #expect(response.code == .unauthenticated)
            }
        }
    }

    @Test("signing out ends the session, its token issue and the cookie; a second time is no error")
    func signOut() async throws {
        try await IdentityBench.run { bench async throws in
            let cookie = try await bench.signedIn()
            let other = try await bench.signedIn()
            let token = try await bench.token(cookie)
            for _ in 0..<2 {
                let response = try await bench.send(.delete, "session", cookie: cookie)
                #expect(response.status == .noContent)
                #expect(response.sessionCookie == "")
                #expect(response.cookieAttributes == ["path=/", "secure", "httponly", "samesite=lax", "max-age=0"])
            }
            #expect(try await bench.send(.get, "session", cookie: cookie).code == .unauthenticated)
            #expect(try await bench.send(.post, "session/token", cookie: cookie).code == .unauthenticated)
            #expect(try await bench.send(.get, "colleagues", bearer: token).code == .unauthenticated)
            #expect(try await bench.send(.get, "session", cookie: other).status == .ok)
        }
    }

    @Test("a session that is over is over, and is removed")
    func expired() async throws {
        try await IdentityBench.run { bench async throws in
            let cookie = try await bench.signedIn(stayLoggedIn: true)
            let living = try await bench.signedIn("max")
            let digest = try #require(SessionToken(text: cookie)).digest
            try await bench.pool.execute(
                "update session set expires_at = now() - interval '1 second' where token_digest = \(digest)")
            #expect(try await bench.send(.get, "session", cookie: cookie).code == .unauthenticated)
            #expect(try await bench.send(.post, "session/token", cookie: cookie).code == .unauthenticated)
            let sessions = SessionStore(pool: bench.pool)
            #expect(try await sessions.removeExpired() == 1)
            #expect(try await sessions.removeExpired() == 0)
            #expect(try await bench.send(.get, "session", cookie: living).status == .ok)
        }
    }

    @Test("disabling the account or the organization ends its sessions and token issue at once")
    func disabled() async throws {
        try await IdentityBench.run { bench async throws in
            let (erika, other) = (try await bench.signedIn(), try await bench.signedIn(organization: "other"))
            try await bench.pool.execute("update account set is_enabled = false where user_name = 'Erika'")
            try await bench.pool.execute("update organization set is_enabled = false where ucsid = 'other'")
            for cookie in [erika, other] {
                #expect(try await bench.send(.get, "session", cookie: cookie).code == .unauthenticated)
                #expect(try await bench.send(.post, "session/token", cookie: cookie).code == .unauthenticated)
            }
        }
    }

    @Test("a page of another site can neither sign in nor use the session")
    func foreignOrigin() async throws {
        try await IdentityBench.run { bench async throws in
            let cookie = try await bench.signedIn()
            for origin in ["https://evil.example", "https://meet.example.evil", "http://meet.example", "null"] {
                for response in [
                    try await bench.send(.post, "session/token", cookie: cookie, origin: origin),
                    try await bench.send(.delete, "session", cookie: cookie, origin: origin),
                    try await bench.signIn(origin: origin), try await bench.signIn(cookie: cookie, origin: origin),
                ] {
                    #expect(response.status == .forbidden)
                    #expect(response.code == .originRefused)
                    #expect(response.headers[.setCookie] == nil)
                }
            }
            #expect(try await bench.send(.delete, "session", cookie: cookie, origin: nil).code == .originRefused)
            #expect(try await bench.send(.get, "session", cookie: cookie).status == .ok)
        }
    }

    @Test("a form of another site can't sign in", arguments: ["text/plain", "application/x-www-form-urlencoded", nil])
    func notJSON(_ contentType: String?) async throws {
        try await IdentityBench.run { bench async throws in
            let body =
                #"{"userName":"erika","password":"\#(IdentityBench.password)","organization":"demo","stayLoggedIn":false}"#
            let response = try await bench.send(.post, "session", contentType: contentType, body: body)
            #expect(response.status == .unsupportedMediaType)
            #expect(response.code == .unsupportedMediaType)
        }
    }

    @Test("a program that is no browser signs in without an origin, and names one afterwards")
    func otherClients() async throws {
        try await IdentityBench.run { bench async throws in
            let cookie = try #require(try await bench.signIn(origin: nil).sessionCookie)
            #expect(try await bench.send(.post, "session/token", cookie: cookie).status == .created)
        }
    }

    @Test("other methods and paths are problems, too")
    func otherRequests() async throws {
        try await IdentityBench.run { bench async throws in
            #expect(
                try await bench.send(.put, "session", contentType: "application/json", body: "{}").code
                    == .methodNotAllowed)
            #expect(try await bench.send(.get, "nothing").code == .notFound)
        }
    }
}
