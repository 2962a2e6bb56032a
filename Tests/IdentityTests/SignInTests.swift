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

    @Test(
        "guessing at one account ends with 429 at the source, however the name is written; its owner elsewhere signs in"
    )
    func guessesAtAccount() async throws {
        try await IdentityBench.run { bench async throws in
            for attempt in 0..<SignInGuard.attemptsPerAccountAndSource {
                let user = ["erika", "A\\erika", "erika@b"][attempt % 3]
                let response = try await bench.signIn(
                    user, password: "wrong", organization: attempt.isMultiple(of: 2) ? "demo" : "4711-0815")
                #expect(response.code == .credentialsWrong)
            }
            let refused = try await bench.signIn()
            #expect(refused.status == .tooManyRequests)
            #expect(refused.code == .tooManyRequests)
            let retryAfter = try #require(refused.headers[.retryAfter].flatMap { Int($0) })
            #expect((1...900).contains(retryAfter))
            #expect(try await bench.signIn("max").status == .created)
            #expect(try await bench.signIn(from: "198.51.100.7").status == .created)
            // The owner's success elsewhere gives the stranger no new attempts.
            #expect(try await bench.signIn().code == .tooManyRequests)
        }
    }

    @Test("guessing at one account from many sources is refused to all; a success before begins a new count")
    func guessesFromEverywhere() async throws {
        try await TestRedis.withClient { redis, client in
            let guesses = SignInGuard(redis: client, keyPrefix: redis.prefix)
            for attempt in 0..<5 { try await guesses.admit(account: "a", source: "\(attempt)") }
            try await guesses.succeeded(account: "a", source: "0")
            for attempt in 0..<SignInGuard.attemptsPerAccount {
                try await guesses.admit(account: "a", source: "\(attempt)")
            }
            let refusal = await #expect(throws: SignInGuard.TooMany.self) {
                try await guesses.admit(account: "a", source: "owner")
            }
            let retryAfter = try #require(refusal).retryAfter
            #expect(retryAfter > SignInGuard.window && retryAfter <= SignInGuard.accountWindow)
            try await guesses.admit(account: "b", source: "owner")
        }
    }

    @Test("attempts that are refused at their source use up nothing of what the account allows to others")
    func lockedSource() async throws {
        try await TestRedis.withClient { redis, client in
            let guesses = SignInGuard(redis: client, keyPrefix: redis.prefix)
            for attempt in 0..<SignInGuard.attemptsPerAccount + 10 {
                let isAdmitted = (try? await guesses.admit(account: "a", source: "stranger")) != nil
                #expect(isAdmitted == (attempt < SignInGuard.attemptsPerAccountAndSource))
            }
            try await guesses.admit(account: "a", source: "owner")
        }
    }

    @Test("guesses at an account that does not exist are counted in the same way")
    func guessesAtNobody() async throws {
        try await IdentityBench.run { bench async throws in
            for _ in 0..<SignInGuard.attemptsPerAccountAndSource {
                #expect(try await bench.signIn("nobody").code == .credentialsWrong)
            }
            #expect(try await bench.signIn("nobody").code == .tooManyRequests)
        }
    }

    @Test("signing in makes earlier failures forgotten")
    func success() async throws {
        try await IdentityBench.run { bench async throws in
            for _ in 0..<2 {
                for _ in 0..<SignInGuard.attemptsPerAccountAndSource - 1 {
                    #expect(try await bench.signIn(password: "wrong").code == .credentialsWrong)
                }
                #expect(try await bench.signIn().status == .created)
            }
        }
    }

    @Test("guessing at many accounts from one source ends with 429; another source goes on")
    func guessesFromSource() async throws {
        try await IdentityBench.run { bench async throws in
            for attempt in 0..<SignInGuard.failuresPerSource {
                #expect(try await bench.signIn("user\(attempt)").code == .credentialsWrong)
            }
            #expect(try await bench.signIn().code == .tooManyRequests)
            #expect(try await bench.signIn(from: "198.51.100.7").status == .created)
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
