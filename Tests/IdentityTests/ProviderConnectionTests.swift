import AsyncHTTPClient
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import NIOHTTP1
import ParleyProtocol
import Postgres
import ServiceKit
import TestSupport
import Testing

@testable import IdentityService

/// Against an OpenID provider that runs as a process of its own.
@Suite("Signing in with an OpenID provider", .timeLimit(.minutes(1)))
struct ProviderConnectionTests {
    private static let users = """
        {"ada": {"password": "correct horse", "name": "Ada Lovelace", "email": "ada@example.org",
        "email_verified": true, "groups": ["organizers"]},
        "erika": {"password": "correct horse", "name": "Erika at the provider", "email": "erika@firma.example",
        "email_verified": true, "groups": []},
        "max": {"password": "correct horse", "name": "Not Max", "email": "max@firma.example", "groups": []},
        "eve": {"password": "correct horse", "name": "Eve", "preferred_username": "max", "groups": []}}
        """
    private static let browser = HTTPClient(
        eventLoopGroupProvider: .singleton, configuration: .init(redirectConfiguration: .disallow))

    private struct Stage: Sendable {
        let bench: IdentityBench
        let provider: OIDCProviderProcess
        let connection: String

        /// Goes to the provider, as a browser does.
        /// - Returns: where the provider sends it back to, and the cookie that it keeps.
        func goThere(_ user: String, stayLoggedIn: Bool = false, next: String = "/") async throws -> (String, String) {
            let path = "oidc/\(connection)/begin?stayLoggedIn=\(stayLoggedIn)&next=\(next)"
            let begun = try await bench.send(.get, path, origin: nil)
            #expect(begun.status == .seeOther)
            let url = try #require(begun.headers[.location])
            let cookie = try #require(begun.cookie(JourneyCookie.name)?.value)
            var form = HTTPClientRequest(url: url)
            form.method = .POST
            form.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
            form.body = .bytes(ByteBuffer(string: "username=\(user)&password=correct+horse&answer=sign-in"))
            let answer = try await ProviderConnectionTests.browser.execute(form, timeout: .seconds(10))
            let back = try #require(answer.headers.first(name: "Location"))
            #expect(back.hasPrefix(IdentityBench.origin + "/api/identity/oidc/callback?"))
            return (String(back.dropFirst((IdentityBench.origin + "/api/identity/").count)), cookie)
        }

        /// Lays these over the claims of ID tokens.
        func claims(_ json: String) async throws {
            var request = HTTPClientRequest(url: "\(provider.issuer)/control/claims")
            request.method = .POST
            request.body = .bytes(ByteBuffer(string: json))
            let answer = try await ProviderConnectionTests.browser.execute(request, timeout: .seconds(10))
            #expect((200..<300).contains(Int(answer.status.code)))
        }

        /// How often the provider was asked for what it says of itself.
        func descriptions() async throws -> Int {
            let request = HTTPClientRequest(url: "\(provider.issuer)/control/counts")
            let answer = try await ProviderConnectionTests.browser.execute(request, timeout: .seconds(10))
            let bytes = try await answer.body.collect(upTo: 1 << 16)
            let counts = try JSONDecoder().decode([String: Int].self, from: Data(bytes.readableBytesView))
            return counts["/.well-known/openid-configuration"] ?? 0
        }

        func comeBack(_ path: String, _ cookie: String?) async throws -> TestResponse {
            var headers = HTTPFields()
            if let cookie { headers[.cookie] = "\(JourneyCookie.name)=\(cookie)" }
            return try await bench.client.execute(uri: "/api/identity/\(path)", method: .get, headers: headers)
        }

        func signIn(_ user: String, stayLoggedIn: Bool = false, next: String = "/") async throws -> TestResponse {
            let (path, cookie) = try await goThere(user, stayLoggedIn: stayLoggedIn, next: next)
            return try await comeBack(path, cookie)
        }
    }

    private static func run(_ body: @Sendable (Stage) async throws -> Void) async throws {
        try await OIDCProviderProcess.withProvider(users: users, options: ["--client-secret", "secret"]) { provider in
            let json = """
                {"name": "Firma", "kind": "oidc", "settings": {"issuer": "\(provider.issuer)", "clientID": "parley",
                "clientSecret": "secret"}, "groups": {"Organizers": ["rooms.create"]}}
                """
            try await IdentityBench.run { bench async throws in
                let id = try await Administration.with(
                    bench.settings.database, logger: IdentityBench.logger
                ) { admin in
                    try await ConnectionAdministration(admin, clusterSecret: IdentityBench.clusterSecret)
                        .add(try ConnectionDraft(json: json), to: "demo")
                }
                try await body(Stage(bench: bench, provider: provider, connection: id))
            }
        }
    }

    @Test("the browser goes there and comes back signed in, where it wanted to go, for as long as was asked")
    func wholeWay() async throws {
        try await Self.run { stage async throws in
            let answer = try await stage.signIn("ada", stayLoggedIn: true, next: "/r/team")
            #expect(answer.status == .seeOther && answer.headers[.location] == "/r/team")
            #expect(answer.cookieAttributes.contains("max-age=86400"))
            #expect(answer.deviceCookie != nil && answer.cookie(JourneyCookie.name)?.value == "")
            let cookie = try #require(answer.sessionCookie)
            let view = try await stage.bench.send(.get, "session", cookie: cookie).decoded(SessionView.self)
            #expect(view.userName == "ada" && view.displayName == "Ada Lovelace")
            #expect(view.permissions == [.createRooms] && view.stayLoggedIn)
            let token = try await stage.bench.token(cookie)
            let profile = try await stage.bench.send(.get, "profile", bearer: token).decoded(ProfileView.self)
            #expect(profile.origin == .openIDConnect && profile.email == "ada@example.org")
            let again = try await stage.signIn("ada")
            let second = try await stage.bench.send(.get, "session", cookie: again.sessionCookie)
                .decoded(SessionView.self)
            #expect(second.account == view.account && !second.stayLoggedIn)
            let shown = Reauthentication(password: "x")
            let factor = try await stage.bench.send(.post, "profile/second-factor", bearer: token, json: shown)
            #expect(factor.code == .keptElsewhere)
        }
    }

    @Test("who shows a verified address of a local account is the same person")
    func linked() async throws {
        try await Self.run { stage async throws in
            try await Self.setEmail(stage, "Erika", "Erika@Firma.example")
            let local = try await stage.bench.signIn("erika").decoded(SessionView.self)
            let cookie = try await stage.signIn("erika").sessionCookie
            let view = try await stage.bench.send(.get, "session", cookie: cookie).decoded(SessionView.self)
            #expect(view.account == local.account && view.displayName == "Erika Muster")
        }
    }

    private static func setEmail(_ stage: Stage, _ user: String, _ email: String) async throws {
        try await stage.bench.pool.execute("update account set email = \(email) where user_name = \(user)")
    }

    @Test("a name that somebody may have chosen at the provider, or an unverified address, opens nobody's account")
    func notLinked() async throws {
        try await Self.run { stage async throws in
            try await Self.setEmail(stage, "max", "max@firma.example")
            for user in ["max", "eve", "erika"] {
                let answer = try await stage.signIn(user)
                #expect(answer.headers[.location] == "/sign-in?error=sign_in_declined", "\(user)")
                #expect(answer.sessionCookie == nil)
            }
            let links = try await stage.bench.pool.query("select 1 from external_identity")
            #expect(links.isEmpty)
        }
    }

    @Test("neither an administrator's account nor one of several with the address is linked")
    func ambiguous() async throws {
        try await Self.run { stage async throws in
            try await Self.setEmail(stage, "Erika", "erika@firma.example")
            try await stage.bench.pool.execute(
                "update account set permissions = '{organization.admin}' where user_name = 'Erika'")
            #expect(try await stage.signIn("erika").sessionCookie == nil)
            try await stage.bench.pool.execute("update account set permissions = '{}' where user_name = 'Erika'")
            try await Self.setEmail(stage, "max", "ERIKA@firma.example")
            #expect(try await stage.signIn("erika").sessionCookie == nil)
            try await Self.setEmail(stage, "max", "max@firma.example")
            #expect(try await stage.signIn("erika").sessionCookie != nil)
        }
    }

    @Test("where a second factor is needed, the provider must say that it has seen one", arguments: [true, false])
    func secondFactor(isRequired: Bool) async throws {
        try await Self.run { stage async throws in
            _ = try await stage.signIn("ada")
            if isRequired {
                try await stage.bench.pool.execute(
                    "update organization set second_factor = 'required' where ucsid = '4711-0815'")
            } else {
                try await stage.bench.pool.execute("update account set totp_secret = 'x' where user_name = 'ada'")
            }
            for methods in [nil, #"["pwd", "otp"]"#, #""mfa""#] {
                if let methods { try await stage.claims(#"{"amr": \#(methods)}"#) }
                let refused = try await stage.signIn("ada")
                #expect(refused.headers[.location] == "/sign-in?error=second_factor_unconfirmed")
                #expect(refused.sessionCookie == nil)
            }
            try await stage.claims(#"{"amr": ["pwd", "mfa"]}"#)
            #expect(try await stage.signIn("ada").sessionCookie != nil)
        }
    }

    @Test("another site can't send a browser to sign in")
    func crossSite() async throws {
        try await Self.run { stage async throws in
            for (site, isTaken) in [
                ("cross-site", false), ("same-site", false), ("same-origin", true), ("none", true),
            ] {
                let answer = try await stage.bench.client.execute(
                    uri: "/api/identity/oidc/\(stage.connection)/begin", method: .get,
                    headers: [try #require(HTTPField.Name("Sec-Fetch-Site")): site])
                #expect((answer.headers[.location] == "/sign-in?error=origin_refused") != isTaken, "\(site)")
                // A sign-in that is under way in another tab goes on.
                #expect((answer.cookie(JourneyCookie.name) != nil) == isTaken)
            }
        }
    }

    @Test("what a browser brings makes the provider be asked for nothing anew, and not too often")
    func cheap() async throws {
        try await Self.run { stage async throws in
            let (path, cookie) = try await stage.goThere("ada")
            let before = try await stage.descriptions()
            for _ in 1...3 {
                #expect(try await stage.comeBack(path.replacing("iss=", with: "iss=x"), cookie).sessionCookie == nil)
            }
            #expect(try await stage.comeBack(path, cookie).sessionCookie != nil)
            #expect(try await stage.descriptions() == before)
            // What others send here counts for nothing.
            for _ in 0..<ProviderRoutes.visits {
                _ = try await stage.comeBack("oidc/callback?state=x&code=y", cookie)
                _ = try await stage.comeBack(path, nil)
            }
            #expect(try await stage.comeBack(path, cookie).headers[.location] == "/sign-in?error=sign_in_declined")
            for _ in 0..<ProviderRoutes.visits { _ = try await stage.comeBack(path, cookie) }
            #expect(
                try await stage.comeBack(path, cookie).headers[.location] == "/sign-in?error=too_many_requests")
        }
    }

    @Test("an answer that this browser has not asked for, a forged or an old one signs nobody in")
    func forged() async throws {
        try await Self.run { stage async throws in
            let (path, cookie) = try await stage.goThere("ada")
            let (other, _) = try await stage.goThere("ada")
            for (answer, kept) in [
                (path, nil), (path, "x"), (path, cookie + "A"), (other, cookie), ("oidc/callback", cookie),
                ("oidc/callback?error=access_denied&state=x", cookie),
                (path.replacing("state=", with: "state=x"), cookie), (path.replacing("code=", with: "code=x"), cookie),
            ] as [(String, String?)] {
                let refused = try await stage.comeBack(answer, kept)
                #expect(refused.headers[.location] == "/sign-in?error=sign_in_declined", "\(answer)")
                #expect(refused.sessionCookie == nil)
            }
            // A code is good once.
            let (good, keeps) = try await stage.goThere("ada")
            #expect(try await stage.comeBack(good, keeps).sessionCookie != nil)
            #expect(try await stage.comeBack(good, keeps).sessionCookie == nil)
        }
    }

    @Test("a provider that is away, a disabled connection and a disabled account are told at the sign-in page")
    func refusals() async throws {
        try await Self.run { stage async throws in
            _ = try await stage.signIn("ada")
            try await stage.bench.pool.execute("update account set is_enabled = false where user_name = 'ada'")
            #expect(try await stage.signIn("ada").headers[.location] == "/sign-in?error=account_disabled")
            let later = try await stage.signIn("ada", next: "/r/team?x=1%262").headers[.location]
            #expect(later == "/sign-in?error=account_disabled&next=%2Fr%2Fteam%3Fx%3D1%262")
            try await stage.bench.pool.execute(
                "update sign_in_connection set is_enabled = false, version = version + 1")
            let begin = "oidc/\(stage.connection)/begin"
            #expect(try await stage.bench.send(.get, begin).headers[.location] == "/sign-in?error=not_found")
            #expect(try await stage.bench.send(.get, "oidc/x/begin").headers[.location] == "/sign-in?error=not_found")
            try await stage.bench.pool.execute("update sign_in_connection set is_enabled = true, version = version + 1")
            await stage.provider.stop()
            #expect(
                try await stage.bench.send(.get, begin).headers[.location] == "/sign-in?error=sign_in_unavailable")
        }
    }

    @Test("the ways of an organization are told by UCSID or alias; one that there is not has none")
    func options() async throws {
        try await Self.run { stage async throws in
            func names(_ organization: String) async throws -> [String] {
                let answer = try await stage.bench.send(.get, "sign-in-options?organization=\(organization)")
                return try answer.decoded(SignInOptions.self).connections.map(\.name)
            }
            #expect(try await names("DEMO") == ["Firma"])
            #expect(try await names("other") == [])
            #expect(try await names("nowhere") == [])
            #expect(try await names("") == [])
        }
    }

    @Test(
        "after signing in the browser stays on this site",
        arguments: [
            ("/r/team?x=1#y", "/r/team?x=1#y"), ("//evil.example", "/"), ("/\\evil.example", "/"),
            ("https:evil.example", "/"), ("https://evil.example", "/"), ("", "/"), ("/a\nb", "/"), ("/ü", "/"),
            ("javascript:alert(1)", "/"), ("/%2F%2Fevil.example", "/%2F%2Fevil.example"),
        ])
    func openRedirect(_ asked: String, _ taken: String) {
        #expect(ProviderRoutes.localPath(asked) == taken)
    }
}
