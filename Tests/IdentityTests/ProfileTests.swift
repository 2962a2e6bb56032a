import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import ParleyProtocol
import Postgres
import ServiceKit
import Testing

@testable import IdentityService

@Suite("Profile", .timeLimit(.minutes(1)))
struct ProfileTests {
    @Test("what a person sets is kept, and read again as it was")
    func change() async throws {
        try await IdentityBench.run { bench async throws in
            let token = try await bench.token(try await bench.signedIn())
            let before = try await bench.send(.get, "profile", bearer: token).decoded(ProfileView.self)
            #expect(before.presenceInMeetings == .busy && before.showsPresence && before.appearance == .standard)
            #expect(before.notifications == Notification.allCases && before.passwordMinimum == 15)
            let draft = ProfileDraft(
                displayName: " Erika M. ", language: .german, presenceInMeetings: .doNotDisturb, showsPresence: false,
                appearance: .dark, notifications: [.chat, .chat], avatarColor: .teal)
            let answer = try await bench.send(.put, "profile", bearer: token, json: draft)
            let after = try answer.decoded(ProfileView.self)
            #expect(after.displayName == "Erika M." && after.language == .german && after.avatarColor == .teal)
            #expect(after.presenceInMeetings == .doNotDisturb && !after.showsPresence && after.appearance == .dark)
            #expect(after.notifications == [.chat])
            #expect(try await bench.send(.get, "profile", bearer: token).decoded(ProfileView.self) == after)
            // Nobody else's has changed.
            let other = try await bench.token(try await bench.signedIn("max"))
            #expect(try await bench.send(.get, "profile", bearer: other).decoded(ProfileView.self).language == nil)
        }
    }

    @Test(
        "what can't be is refused, and nothing changes",
        arguments: [
            #"{"presenceInMeetings":"away","showsPresence":true,"appearance":"dark","notifications":[]}"#,
            #"{"presenceInMeetings":"busy","showsPresence":true,"appearance":"pink","notifications":[]}"#,
            #"{"presenceInMeetings":"busy","showsPresence":true,"appearance":"dark","notifications":["x"]}"#,
            #"{"presenceInMeetings":"busy","showsPresence":true,"appearance":"dark","notifications":[],"displayName":" "}"#,
            #"{}"#, "[]", "",
        ])
    func malformed(_ body: String) async throws {
        try await IdentityBench.run { bench async throws in
            let token = try await bench.token(try await bench.signedIn())
            let before = try await bench.send(.get, "profile", bearer: token).decoded(ProfileView.self)
            let answer = try await bench.send(
                .put, "profile", bearer: token, contentType: "application/json", body: body)
            #expect(answer.status == .badRequest)
            #expect(try await bench.send(.get, "profile", bearer: token).decoded(ProfileView.self) == before)
        }
    }

    @Test("who has chosen no language is told that of the organization")
    func language() async throws {
        try await IdentityBench.run { bench async throws in
            let token = try await bench.token(try await bench.signedIn())
            func profile() async throws -> ProfileView {
                try await bench.send(.get, "profile", bearer: token).decoded(ProfileView.self)
            }
            #expect(try await profile().defaultLanguage == nil)
            try await bench.pool.execute("update organization set default_language = 'de' where ucsid = '4711-0815'")
            let shown = try await profile()
            #expect(shown.language == nil && shown.defaultLanguage == .german)
        }
    }

    @Test("changing the password needs the old one and a good new one; all other sessions end")
    func password() async throws {
        try await IdentityBench.run { bench async throws in
            let cookie = try await bench.signedIn()
            let other = try await bench.signedIn()
            let token = try await bench.token(cookie)
            func change(_ current: String, _ new: String) async throws -> TestResponse {
                try await bench.send(
                    .put, "profile/password", bearer: token, json: PasswordChange(current: current, new: new))
            }
            let new = "wolkenbruch über ziegeldach"
            #expect(try await change("wrong", new).code == .credentialsWrong)
            for (bad, reason) in [
                ("short", FieldProblem.Reason.tooShort), ("passwordpassword", .tooCommon), ("", .missing),
                (IdentityBench.password, .unchanged),
            ] {
                let answer = try await change(IdentityBench.password, bad)
                #expect(try answer.decoded(Problem.self).fields == [FieldProblem("new", reason)])
            }
            #expect(try await bench.send(.get, "session", cookie: other).status == .ok)
            #expect(try await change(IdentityBench.password, new).status == .noContent)
            #expect(try await bench.send(.get, "session", cookie: cookie).status == .ok)
            #expect(try await bench.send(.get, "session", cookie: other).code == .unauthenticated)
            #expect(try await bench.signIn().code == .credentialsWrong)
            #expect(try await bench.signIn(password: new).status == .created)
        }
    }

    @Test("a one-time password opens the account once, for setting another, and for a day only")
    func oneTime() async throws {
        try await IdentityBench.run { bench async throws in
            try await IdentityBench.add(
                NewAccount(userName: "eve", displayName: "Eve"), to: "demo", bench.pool, kind: .oneTime)
            #expect(try await bench.signIn("eve", password: "wrong").code == .credentialsWrong)
            let asked = try await bench.signIn("eve").decoded(Problem.self)
            #expect(asked.code == .passwordChangeRequired)
            #expect(asked.fields == [FieldProblem("newPassword", .missing, minimum: 15)])
            #expect(try await bench.signIn("eve").sessionCookie == nil)
            for (bad, reason) in [("short", FieldProblem.Reason.tooShort), (IdentityBench.password, .unchanged)] {
                let refused = try await bench.signIn("eve", newPassword: bad)
                #expect(try refused.decoded(Problem.self).fields == [FieldProblem("newPassword", reason)])
            }
            let new = "wolkenbruch über ziegeldach"
            #expect(try await bench.signIn("eve", newPassword: new).status == .created)
            #expect(try await bench.signIn("eve").code == .credentialsWrong)
            #expect(try await bench.signIn("eve", password: new).status == .created)
            // Whoever needs no other one gets none.
            #expect(
                try await bench.signIn("eve", password: new, newPassword: "ziegeldach unter wolken").status == .created)
            #expect(try await bench.signIn("eve", password: new).status == .created)

            try await IdentityBench.add(
                NewAccount(userName: "late", displayName: "Late"), to: "demo", bench.pool, kind: .oneTime)
            try await bench.pool.execute(
                "update account set password_expires_at = now() - interval '1 second' where user_name = 'late'")
            #expect(try await bench.signIn("late", newPassword: new).code == .passwordExpired)
        }
    }

    @Test("of many who use a one-time password at the same moment, one chooses the new password")
    func oneTimeOnce() async throws {
        try await IdentityBench.run { bench async throws in
            try await IdentityBench.add(
                NewAccount(userName: "new", displayName: "New"), to: "demo", bench.pool, kind: .oneTime)
            let codes = try await withThrowingTaskGroup(of: (Int, HTTPResponse.Status).self) { group in
                for number in 0..<4 {
                    group.addTask {
                        let answer = try await bench.signIn("new", newPassword: "wolkenbruch über ziegeldach \(number)")
                        return (number, answer.status)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let winners = codes.filter { $0.1 == .created }
            #expect(winners.count == 1)
            #expect(codes.filter { $0.1 == .unauthorized }.count == 3)
            let winner = try #require(winners.first).0
            let again = try await bench.signIn("new", password: "wolkenbruch über ziegeldach \(winner)")
            #expect(again.status == .created)
        }
    }

    @Test("sessions are listed with where they are; one or all others can be ended")
    func sessions() async throws {
        try await IdentityBench.run { bench async throws in
            let cookie = try await bench.signedIn()
            let second = try await bench.signedIn(stayLoggedIn: true)
            let third = try await bench.signedIn()
            let stranger = try await bench.signedIn("max")
            let token = try await bench.token(cookie)
            let list = try await bench.send(.get, "sessions", bearer: token).decoded(SessionList.self).items
            #expect(list.count == 3 && list.count { $0.isCurrent } == 1 && list.count { $0.stayLoggedIn } == 1)
            #expect(list.allSatisfy { $0.source == "203.0.113.9" })
            let kept = try #require(list.first { $0.stayLoggedIn })
            #expect(try await bench.send(.delete, "sessions/\(kept.session)", bearer: token).status == .noContent)
            #expect(try await bench.send(.get, "session", cookie: second).code == .unauthenticated)
            #expect(try await bench.send(.get, "session", cookie: third).status == .ok)
            let strangers = try await bench.send(.get, "session", cookie: stranger).decoded(SessionView.self)
            for id in [strangers.session.rawValue, "x", UUID().uuidString] {
                #expect(try await bench.send(.delete, "sessions/\(id)", bearer: token).status == .noContent)
            }
            #expect(try await bench.send(.get, "session", cookie: stranger).status == .ok)
            #expect(try await bench.send(.delete, "sessions", bearer: token).status == .noContent)
            #expect(try await bench.send(.get, "session", cookie: third).code == .unauthenticated)
            #expect(try await bench.send(.get, "session", cookie: cookie).status == .ok)
        }
    }

    @Test(
        "browsers and systems are recognized",
        arguments: [
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox", "Windows"),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
                "Safari", "macOS"
            ),
            (
                "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
                "Chrome", "Android"
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36 Edg/141.0",
                "Edge", "Windows"
            ),
            ("", nil, nil),
        ] as [(String, String?, String?)])
    func agents(_ header: String, _ browser: String?, _ system: String?) {
        let agent = UserAgent(header)
        #expect(agent.browser == browser && agent.system == system)
    }

    @Test("of many sessions of one account the oldest end")
    func manySessions() async throws {
        try await IdentityBench.run { bench async throws in
            let first = try await bench.signedIn()
            for _ in 0..<Limits.sessionsPerAccount { _ = try await bench.signedIn() }
            #expect(try await bench.send(.get, "session", cookie: first).code == .unauthenticated)
            #expect(try await bench.pool.query("select 1 from session").count == Limits.sessionsPerAccount)
        }
    }

    @Test(
        "an export has everything but secrets, also what directory keeps, and is noted; without directory there is none"
    )
    func export() async throws {
        try await withDirectory([RoomID("room-1"), RoomID("room-2")]) { url in
            try await IdentityBench.run(directoryURL: url) { bench async throws in
                let token = try await bench.token(try await bench.signedIn())
                let answer = try await bench.send(.get, "profile/export", bearer: token)
                let export = try answer.decoded(AccountExport.self)
                #expect(export.account.userName == "Erika" && export.sessions.count == 1)
                #expect(export.audit.map(\.action) == ["account.exported", "account.added"])
                #expect(export.rooms?.map(\.id) == [RoomID("room-1"), RoomID("room-2")])
                #expect(export.appointments?.map(\.id) == [AppointmentID("one"), AppointmentID("two")])
                #expect(export.attendance?.map(\.name) == ["first", "second"])
                #expect(!String(buffer: answer.body).contains("scrypt"))
            }
        }
        try await IdentityBench.run { bench async throws in
            let token = try await bench.token(try await bench.signedIn())
            #expect(try await bench.send(.get, "profile/export", bearer: token).code == .unavailable)
        }
    }

    @Test("who keeps something of an account is told of its end, a little later and in order")
    func removed() async throws {
        try await IdentityBench.run { bench async throws in
            let store = RemovedAccountStore(pool: bench.pool)
            let (first, _) = try await bench.person("first", [])
            let (second, _) = try await bench.person("second", [])
            for account in [first, second] {
                try await bench.pool.execute("delete from account where id = \(account.account)")
            }
            #expect(try await store.page(after: 0).items.isEmpty, "one that is written now may come before these")
            try await bench.pool.execute("update removed_account set at = at - interval '65 seconds'")
            let page = try await store.page(after: 0)
            #expect(page.items.map(\.account) == [first.account, second.account] && !page.hasMore)
            #expect(try await store.page(after: page.position).items.isEmpty)
            try await bench.pool.execute("update removed_account set at = at - interval '91 days'")
            try await store.removeOld()
            #expect(try await store.page(after: 0).items.isEmpty)
        }
    }
}
