import Foundation
import HTTPTypes
import HummingbirdTesting
import ParleyProtocol
import Postgres
import ServiceKit
import TestSupport
import Testing

@testable import IdentityService

@Suite("Sign-in", .timeLimit(.minutes(1)))
struct SignInTests {
    @Test("the UCSID and every alias, in any case, and every way to write the user reach the same account")
    func names() async throws {
        try await IdentityBench.run { bench async throws in
            let first = try await bench.signIn("erika", organization: "4711-0815")
            #expect(first.status == .created)
            let expected = try first.decoded(SessionView.self)
            #expect(expected.displayName == "Erika Muster")
            #expect(expected.userName == "Erika")
            #expect(expected.permissions == [.createRooms])
            #expect(expected.organization.ucsid == "4711-0815")
            for (user, organization) in [
                ("ERIKA", "DEMO"), ("FIRMA\\erika", "demo"), ("erika@elsewhere.example", "bäcker"),
                (" erika ", " BA\u{308}CKER "), ("firma\\Erika@elsewhere", "4711-0815"),
            ] {
                let response = try await bench.signIn(user, organization: organization)
                #expect(response.status == .created, "\(user) at \(organization)")
                #expect(try response.decoded(SessionView.self).account == expected.account)
            }
        }
    }

    @Test("a user name stored with an @ is reached exactly, before the user without it")
    func literal() async throws {
        try await IdentityBench.run { bench async throws in
            let view = try await bench.signIn("Erika@Firma.example").decoded(SessionView.self)
            #expect(view.displayName == "Erika Zwei")
            #expect(view.permissions == [])
        }
    }

    @Test("the same user name in another organization is another account")
    func organizations() async throws {
        try await IdentityBench.run { bench async throws in
            let view = try await bench.signIn("erika", organization: "other").decoded(SessionView.self)
            #expect(view.displayName == "Erika Other")
        }
    }

    @Test("a wrong password, an unknown user and an unknown organization get the same answer, and no cookie")
    func alike() async throws {
        try await IdentityBench.run { bench async throws in
            let answers = [
                try await bench.signIn(password: "wrong"), try await bench.signIn("nobody"),
                try await bench.signIn(organization: "nowhere-\(UUID())"),
            ]
            for answer in answers {
                #expect(answer.status == .unauthorized)
                #expect(answer.code == .credentialsWrong)
                #expect(answer.headers[.setCookie] == nil)
                #expect(answer.body == answers[0].body)
            }
        }
    }

    @Test("a disabled account, or one of a disabled organization, can't sign in; only who knows the password is told")
    func disabled() async throws {
        try await IdentityBench.run { bench async throws in
            try await bench.pool.execute("update account set is_enabled = false where user_name = 'Erika'")
            try await bench.pool.execute("update organization set is_enabled = false where ucsid = 'other'")
            for organization in ["demo", "other"] {
                let right = try await bench.signIn(organization: organization)
                #expect(right.status == .forbidden)
                #expect(right.code == .accountDisabled)
                #expect(right.headers[.setCookie] == nil)
                #expect(try await bench.signIn(password: "wrong", organization: organization).code == .credentialsWrong)
            }
        }
    }

    @Test("what can't be right is refused with its field")
    func fields() async throws {
        try await IdentityBench.run { bench async throws in
            for (user, password, organization, field, reason) in [
                ("", "x", "demo", "userName", FieldProblem.Reason.missing),
                ("erika", "", "demo", "password", .missing),
                ("erika", String(repeating: "x", count: 1_025), "demo", "password", .tooLong),
                ("erika", "x", " ", "organization", .missing),
                ("erika", "x", String(repeating: "x", count: 200), "organization", .tooLong),
                ("eri\u{0}ka", "x", "demo", "userName", .badFormat),
                ("erika", "x", "de\u{0}mo", "organization", .badFormat),
            ] {
                let response = try await bench.signIn(user, password: password, organization: organization)
                #expect(response.status == .badRequest)
                #expect(response.code == .validationFailed)
                #expect(try response.decoded(Problem.self).fields == [FieldProblem(field, reason)])
            }
        }
    }

    @Test(
        "what is no sign-in is refused as a problem",
        arguments: [
            "", "{", "[]", "{}", #"{"userName":1}"#,
            #"{"userName":"a","userName":"b","password":"x","organization":"o","stayLoggedIn":false}"#,
        ])
    func malformed(_ body: String) async throws {
        try await IdentityBench.run { bench async throws in
            let response = try await bench.send(.post, "session", contentType: "application/json", body: body)
            #expect(response.status == .badRequest)
            #expect(response.code == .badRequest)
        }
    }

    @Test("signing in makes a new session and ends the one that the browser had")
    func fixation() async throws {
        try await IdentityBench.run { bench async throws in
            let first = try await bench.signedIn()
            let second = try #require(try await bench.signIn("max", cookie: first).sessionCookie)
            #expect(second != first)
            #expect(try await bench.send(.get, "session", cookie: first).code == .unauthenticated)
            #expect(try await bench.send(.get, "session", cookie: second).decoded(SessionView.self).userName == "max")
            // A sign-in that fails ends nothing.
            #expect(try await bench.signIn(password: "wrong", cookie: second).code == .credentialsWrong)
            #expect(try await bench.send(.get, "session", cookie: second).status == .ok)
        }
    }

    @Test("a hash with weaker parameters is replaced at sign-in, and the password stays the same")
    func rehash() async throws {
        try await IdentityBench.run(logN: 11) { bench in
            func stored() async throws -> String {
                let rows = try await bench.pool.query("select password_hash from account where user_name = 'Erika'")
                return try #require(rows.first).decode("password_hash")
            }
            #expect(try await stored().hasPrefix("$scrypt$ln=10,"))
            #expect(try await bench.signIn(password: "wrong").status == .unauthorized)
            #expect(try await stored().hasPrefix("$scrypt$ln=10,"))
            #expect(try await bench.signIn().status == .created)
            let replaced = try await stored()
            #expect(replaced.hasPrefix("$scrypt$ln=11,"))
            #expect(try await bench.signIn().status == .created)
            #expect(try await stored() == replaced)
        }
    }

    @Test("without Redis nobody signs in: 503, to be tried again")
    func withoutRedis() async throws {
        try await RedisServerProcess.withServer { server in
            try await IdentityBench.run(redisURL: server.url) { bench in
                let cookie = try await bench.signedIn()
                await server.kill()
                let response = try await bench.signIn()
                #expect(response.status == .serviceUnavailable)
                #expect(response.code == .unavailable)
                #expect(response.headers[.retryAfter] != nil)
                #expect(try await bench.send(.get, "session", cookie: cookie).status == .ok)
            }
        }
    }
}
