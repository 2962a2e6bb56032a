import Foundation
import HTTPTypes
import HummingbirdTesting
import ParleyProtocol
import ServiceKit
import TestSupport
import Testing

@testable import IdentityService

@Suite("Guessing", .timeLimit(.minutes(1)))
struct GuessingTests {
    /// Three free attempts anywhere, then a minute.
    static var strict: SignInGuard.Rules {
        var rules = SignInGuard.Rules.generous
        rules.pair = .init(free: 3, first: .seconds(60), longest: .seconds(600), memory: .seconds(3_600))
        return rules
    }

    @Test(
        "guessing at one account is slowed down at the source, however the name is written; its owner elsewhere signs in"
    )
    func atAccount() async throws {
        try await IdentityBench.run(guessing: Self.strict) { bench async throws in
            for attempt in 0..<4 {
                let user = ["erika", "A\\erika", "erika@b"][attempt % 3]
                let response = try await bench.signIn(
                    user, password: "wrong", organization: attempt.isMultiple(of: 2) ? "demo" : "4711-0815")
                #expect(response.code == .credentialsWrong)
            }
            let refused = try await bench.signIn()
            #expect(refused.status == .tooManyRequests)
            #expect(refused.code == .tooManyRequests)
            let retryAfter = try #require(refused.headers[.retryAfter].flatMap { Int($0) })
            #expect((55...60).contains(retryAfter))
            #expect(try await bench.signIn("max").status == .created)
            #expect(try await bench.signIn(from: "198.51.100.7").status == .created)
            // The owner's success elsewhere gives the stranger no new attempts.
            #expect(try await bench.signIn().code == .tooManyRequests)
        }
    }

    @Test("guesses at an account that does not exist are slowed down in the same way")
    func atNobody() async throws {
        try await IdentityBench.run(guessing: Self.strict) { bench async throws in
            for _ in 0..<4 { #expect(try await bench.signIn("nobody").code == .credentialsWrong) }
            #expect(try await bench.signIn("nobody").code == .tooManyRequests)
        }
    }

    @Test("signing in makes earlier failures forgotten")
    func success() async throws {
        try await IdentityBench.run(guessing: Self.strict) { bench async throws in
            for _ in 0..<3 {
                for _ in 0..<3 { #expect(try await bench.signIn(password: "wrong").code == .credentialsWrong) }
                #expect(try await bench.signIn().status == .created)
            }
        }
    }

    @Test("guessing at many accounts from one source ends with 429; another source goes on")
    func fromSource() async throws {
        var rules = SignInGuard.Rules.generous
        rules.failuresPerSource = 10
        try await IdentityBench.run(guessing: rules) { bench async throws in
            for attempt in 0..<10 { #expect(try await bench.signIn("user\(attempt)").code == .credentialsWrong) }
            #expect(try await bench.signIn().code == .tooManyRequests)
            #expect(try await bench.signIn(from: "198.51.100.7").status == .created)
            // All of an IPv6 network counts as one source.
            for attempt in 0..<10 {
                #expect(
                    try await bench.signIn("user\(attempt)", from: "2001:db8::\(attempt)").code == .credentialsWrong)
            }
            #expect(try await bench.signIn(from: "2001:db8::ffff").code == .tooManyRequests)
            #expect(try await bench.signIn(from: "2001:db8:0:1::1").status == .created)
        }
    }

    @Test("who has signed in in a browser signs in there, whatever strangers do at the account or at the address")
    func knownDevice() async throws {
        var rules = Self.strict
        rules.account = .init(free: 5, first: .seconds(60), longest: .seconds(600), most: 100, memory: .seconds(3_600))
        rules.failuresPerSource = 20
        try await IdentityBench.run(guessing: rules) { bench async throws in
            let device = try #require(try await bench.signIn(from: "192.0.2.1").deviceCookie)
            for stranger in 0..<8 {
                _ = try await bench.signIn(password: "wrong", from: "198.51.100.\(stranger)")
            }
            for attempt in 0..<20 { _ = try await bench.signIn("user\(attempt)", from: "192.0.2.1") }
            #expect(try await bench.signIn(from: "192.0.2.200").code == .tooManyRequests, "the account is slowed down")
            #expect(try await bench.signIn("max", from: "192.0.2.1").code == .tooManyRequests, "so is the source")
            #expect(try await bench.signIn(from: "192.0.2.1", device: device).status == .created)
            // It is known to its owner only, and a changed one to nobody.
            #expect(try await bench.signIn("max", from: "192.0.2.1", device: device).code == .tooManyRequests)
            let forged = device.dropLast() + (device.last == "A" ? "Q" : "A")
            #expect(try await bench.signIn(from: "192.0.2.200", device: String(forged)).code == .tooManyRequests)
        }
    }

    @Test("at a known browser, too, guessing is slowed down")
    func atKnownDevice() async throws {
        var rules = SignInGuard.Rules.generous
        rules.device = .init(free: 3, first: .seconds(60), longest: .seconds(600), memory: .seconds(3_600))
        try await IdentityBench.run(guessing: rules) { bench async throws in
            let device = try #require(try await bench.signIn().deviceCookie)
            for _ in 0..<4 {
                #expect(try await bench.signIn(password: "wrong", device: device).code == .credentialsWrong)
            }
            #expect(try await bench.signIn(device: device).code == .tooManyRequests)
            #expect(try await bench.signIn().status == .created, "elsewhere it counts anew")
        }
    }

    @Test("a browser remembers four accounts, the one used last first")
    func severalAccounts() {
        let key = KnownDevice.DeviceKey(clusterSecret: IdentityBench.clusterSecret)
        let accounts = (0..<6).map { AccountID("\($0)") }
        var device = KnownDevice()
        for account in accounts { device.note(account, key: key) }
        device.note(accounts[3], key: key)
        let read = KnownDevice(text: device.text)
        #expect(read == device)
        #expect(accounts.filter { read?.isKnown(to: $0, key: key) == true } == Array(accounts[2...5]))
        let other = KnownDevice.DeviceKey(clusterSecret: Array("another secret of another cluster".utf8))
        #expect(!accounts.contains { device.isKnown(to: $0, key: other) })
    }

    @Test("nothing else is a device", arguments: ["", ".", "x", "AAAA", "A.B.C.D.E.F", "AAAAAAAAAAAAAAAAAAAAAA.AA"])
    func noDevice(_ text: String) {
        #expect(KnownDevice(text: text) == nil)
    }

    @Test("many attempts at the same moment are many attempts")
    func atOnce() async throws {
        try await IdentityBench.run(guessing: Self.strict) { bench async throws in
            let codes = try await withThrowingTaskGroup(of: ErrorCode?.self) { group in
                for _ in 0..<20 { group.addTask { try await bench.signIn(password: "wrong").code } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.count { $0 == .credentialsWrong } == 4)
            #expect(codes.count { $0 == .tooManyRequests } == 16)
        }
    }

    @Test(
        "after too many attempts in a row there are none from new places, until an administrator gives a new password")
    func exhausted() async throws {
        var rules = SignInGuard.Rules.generous
        rules.account.most = 6
        try await IdentityBench.run(guessing: rules) { bench async throws in
            let (_, admin) = try await bench.person("chief", ["organization.admin"])
            for stranger in 0..<6 { _ = try await bench.signIn(password: "wrong", from: "198.51.100.\(stranger)") }
            let refused = try await bench.signIn(from: "203.0.113.77")
            #expect(refused.code == .tooManyRequests)
            let found = try await bench.send(.get, "accounts?search=erika%20muster", bearer: admin)
                .decoded(AccountList.self)
            let id = try #require(found.items.first).account
            let made = try await bench.send(.post, "accounts/\(id)/one-time-password", bearer: admin)
                .decoded(OneTimePasswordView.self)
            let answer = try await bench.signIn(password: made.password, from: "203.0.113.77")
            #expect(answer.code == .passwordChangeRequired)
            // The same holds for an operator's command.
            for stranger in 0..<6 { _ = try await bench.signIn(password: "wrong", from: "198.51.100.\(stranger)") }
            #expect(try await bench.signIn(password: made.password, from: "203.0.113.77").code == .tooManyRequests)
            try await Administration.with(
                bench.settings.database, scryptLogN: 10, logger: IdentityBench.logger
            ) { admin in
                _ = try await admin.setPassword(Password(IdentityBench.password), of: "erika", at: "demo")
            }
            #expect(try await bench.signIn(from: "203.0.113.77").status == .created)
            // An account whose password is kept elsewhere gets no other one here.
            for stranger in 0..<6 { _ = try await bench.signIn(password: "wrong", from: "198.51.100.\(stranger)") }
            #expect(try await bench.signIn(from: "203.0.113.77").code == .tooManyRequests)
            try await Administration.with(bench.settings.database, logger: IdentityBench.logger) { admin in
                try await admin.unlock("erika", of: "demo")
            }
            #expect(try await bench.signIn(from: "203.0.113.77").status == .created)
        }
    }
}

@Suite("Growing delays", .timeLimit(.minutes(1)))
struct GrowingDelayTests {
    @Test("after the free attempts each doubles the time until the next, up to the longest")
    func doubles() async throws {
        try await TestRedis.withClient { redis, client in
            let rules = GrowingDelay.Rules(
                free: 2, first: .milliseconds(40), longest: .milliseconds(100), memory: .seconds(60))
            let delay = GrowingDelay(redis: client, name: "test", rules: rules, keyPrefix: redis.prefix)
            #expect(try await delay.attempt("a").retryAfter == nil)
            #expect(try await delay.attempt("a").retryAfter == nil)
            for expected in [40, 80, 100, 100] {
                #expect(try await delay.attempt("a").retryAfter == nil)
                let left = try #require(try await delay.attempt("a").retryAfter)
                #expect(left <= .milliseconds(expected) && left > .milliseconds(expected / 2))
                #expect(try await delay.attempt("b").retryAfter == nil || expected > 80)
                try await Task.sleep(for: left + .milliseconds(5))
            }
            try await delay.reset("a")
            for _ in 0..<3 { #expect(try await delay.attempt("a").retryAfter == nil) }
        }
    }

    @Test("after the most there are no more for as long as they are remembered")
    func most() async throws {
        try await TestRedis.withClient { redis, client in
            let rules = GrowingDelay.Rules(
                free: 10, first: .seconds(1), longest: .seconds(1), most: 3, memory: .milliseconds(400))
            let delay = GrowingDelay(redis: client, name: "test", rules: rules, keyPrefix: redis.prefix)
            for _ in 0..<3 { #expect(try await delay.attempt("a").retryAfter == nil) }
            let left = try #require(try await delay.attempt("a").retryAfter)
            #expect(left <= .milliseconds(400))
            try await Task.sleep(for: .milliseconds(450))
            #expect(try await delay.attempt("a").retryAfter == nil)
        }
    }
}
