import Foundation
import HTTPTypes
import HummingbirdTesting
import ParleyProtocol
import Postgres
import ServiceKit
import Testing

@testable import IdentityService

@Suite("Second factor", .timeLimit(.minutes(1)))
struct SecondFactorTests {
    /// Appendix B of RFC 6238, the last six of its eight digits.
    @Test(
        "codes are those of RFC 6238",
        arguments: [
            (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"),
            (2_000_000_000, "279037"), (20_000_000_000, "353130"),
        ])
    func vectors(_ seconds: Int, _ code: String) {
        let totp = TOTP(secret: Array("12345678901234567890".utf8))
        let time = Date(timeIntervalSince1970: Double(seconds))
        #expect(totp.code(step: TOTP.step(at: time)) == code)
        #expect(totp.step(of: code, at: time, after: 0) == TOTP.step(at: time))
    }

    @Test("a code is good one step earlier and later, and no step that was used")
    func window() {
        let totp = TOTP()
        let now = Date(timeIntervalSince1970: 1_800_000_015)
        let step = TOTP.step(at: now)
        for (offset, isGood) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let code = totp.code(step: step + Int64(offset))
            #expect((totp.step(of: code, at: now, after: 0) != nil) == isGood)
        }
        #expect(totp.step(of: totp.code(step: step), at: now, after: step) == nil)
        #expect(totp.step(of: totp.code(step: step + 1), at: now, after: step) == step + 1)
        for wrong in ["", "12345", "1234567", "abcdef", "１２３４５６"] {
            #expect(totp.step(of: wrong, at: now, after: 0) == nil)
        }
        let code = totp.code(step: step)
        #expect(totp.step(of: code.prefix(3) + " " + code.suffix(3), at: now, after: 0) == step)
    }

    /// Section 10 of RFC 4648, without the padding.
    @Test(
        "Base32 is that of RFC 4648",
        arguments: [
            ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ])
    func base32(_ text: String, _ encoded: String) {
        #expect(Base32.encode(Array(text.utf8)) == encoded)
    }

    @Test("a QR code is square, with the three marks in its corners; what is too long has none")
    func qrCode() throws {
        let rows = try #require(QRCode.rows("otpauth://totp/Parley:erika?secret=ABC"))
        #expect(rows.allSatisfy { $0.count == rows.count && $0.allSatisfy { "01".contains($0) } })
        #expect(rows[0].hasPrefix("1111111") && rows[0].hasSuffix("1111111"))
        #expect(rows[rows.count - 1].hasPrefix("1111111"))
        #expect(QRCode.rows(String(repeating: "x", count: 10_000)) == nil)
    }

    private static func person(_ account: AccountID, named name: String, at organization: String) -> SignInPerson {
        SignInPerson(
            account: account, organization: OrganizationID("o"), organizationName: organization, userName: name,
            displayName: name, origin: .local, isOneTimePassword: false, isPasswordExpired: false,
            passwordGeneration: 0,
            isEnabled: true, needsSecondFactor: false, passwordMinimum: 15)
    }

    /// Sets one up in the profile.
    private static func setUp(_ bench: IdentityBench, _ token: String) async throws -> (TOTP, [String]) {
        let shown = Reauthentication(password: IdentityBench.password)
        let answer = try await bench.send(.post, "profile/second-factor", bearer: token, json: shown)
        #expect(answer.status == .created)
        let offer = try answer.decoded(SecondFactorOffer.self)
        let totp = TOTP(secret: try #require(decode(offer.secret)))
        let setup = SecondFactorSetup(enrollment: offer.enrollment, code: totp.code(step: TOTP.step(at: .now) - 1))
        let codes = try await bench.send(.put, "profile/second-factor", bearer: token, json: setup)
        #expect(codes.status == .ok)
        return (totp, try codes.decoded(RecoveryCodes.self).recoveryCodes)
    }

    private static func decode(_ base32: String) -> [UInt8]? {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        var bits = ""
        for letter in base32 {
            guard let value = alphabet.firstIndex(of: letter) else { return nil }
            let digits = String(value, radix: 2)
            bits += String(repeating: "0", count: 5 - digits.count) + digits
        }
        return stride(from: 0, through: bits.count - 8, by: 8).compactMap { start in
            UInt8(bits.dropFirst(start).prefix(8), radix: 2)
        }
    }

    @Test("who has one needs the password and a code, each code once; a recovery code stands in for it, once")
    func signIn() async throws {
        try await IdentityBench.run { bench async throws in
            let token = try await bench.token(try await bench.signedIn())
            let (totp, recovery) = try await Self.setUp(bench, token)
            #expect(recovery.count == Limits.recoveryCodes && Set(recovery).count == recovery.count)
            #expect(try await bench.signIn().code == .secondFactorRequired)
            #expect(try await bench.signIn(password: "wrong", code: "123456").code == .credentialsWrong)
            let code = totp.code(step: TOTP.step(at: .now))
            let wrong = code == "000000" ? "111111" : "000000"
            #expect(try await bench.signIn(code: wrong).code == .secondFactorWrong)
            #expect(try await bench.signIn(code: code).status == .created)
            #expect(try await bench.signIn(code: code).code == .secondFactorWrong)
            #expect(try await bench.signIn(code: recovery[0]).status == .created)
            #expect(try await bench.signIn(code: recovery[0]).code == .secondFactorWrong)
            #expect(try await bench.signIn(code: recovery[1].uppercased().replacing("-", with: " ")).status == .created)
            let profile = try await bench.send(.get, "profile", bearer: token).decoded(ProfileView.self)
            #expect(profile.hasSecondFactor && profile.recoveryCodesLeft == Limits.recoveryCodes - 2)
        }
    }

    @Test("of many who use one code at once, one signs in")
    func once() async throws {
        try await IdentityBench.run { bench async throws in
            let (totp, _) = try await Self.setUp(bench, try await bench.token(try await bench.signedIn()))
            let code = totp.code(step: TOTP.step(at: .now))
            let statuses = try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
                for _ in 0..<6 { group.addTask { try await bench.signIn(code: code).status } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.count { $0 == .created } == 1)
        }
    }

    @Test("setting one up, giving it up and new recovery codes need the password, and a code when there is one")
    func reauthentication() async throws {
        try await IdentityBench.run { bench async throws in
            let token = try await bench.token(try await bench.signedIn())
            let path = "profile/second-factor"
            let wrong = Reauthentication(password: "wrong")
            #expect(try await bench.send(.post, path, bearer: token, json: wrong).code == .credentialsWrong)
            let (totp, old) = try await Self.setUp(bench, token)
            let right = Reauthentication(password: IdentityBench.password)
            for method in [HTTPRequest.Method.post, .delete] {
                #expect(try await bench.send(method, path, bearer: token, json: right).code == .secondFactorRequired)
            }
            let codes = try await bench.send(.post, path + "/recovery-codes", bearer: token, json: right)
            let new = try codes.decoded(RecoveryCodes.self).recoveryCodes
            #expect(Set(new).isDisjoint(with: old))
            #expect(try await bench.signIn(code: old[0]).code == .secondFactorWrong)
            #expect(try await bench.signIn(code: new[0]).status == .created)
            let shown = Reauthentication(
                password: IdentityBench.password, code: totp.code(step: TOTP.step(at: .now)))
            #expect(try await bench.send(.delete, path, bearer: token, json: shown).status == .noContent)
            #expect(try await bench.signIn().status == .created)
            #expect(try await bench.signIn(code: new[1]).status == .created, "a code that nobody asked for")
        }
    }

    @Test("an offer is for one account, for ten minutes, and needs the code that belongs to it")
    func offers() throws {
        let offers = SecondFactorOffers(clusterSecret: IdentityBench.clusterSecret)
        let (erika, max) = (AccountID("erika"), AccountID("max"))
        let offer = try offers.offer(to: Self.person(erika, named: "a:b c", at: "Bäcker & Söhne"))
        #expect(offer.uri.hasPrefix("otpauth://totp/Parley%20B%C3%A4cker"))
        #expect(offer.uri.contains("secret=\(offer.secret)"))
        let totp = TOTP(secret: try #require(Self.decode(offer.secret)))
        let now = Date.now
        let code = totp.code(step: TOTP.step(at: now))
        #expect(try offers.takeUp(offer.enrollment, code: code, by: erika, now: now).totp == totp)
        #expect(throws: SecondFactorProblem.enrollmentInvalid) {
            try offers.takeUp(offer.enrollment, code: code, by: max, now: now)
        }
        #expect(throws: SecondFactorProblem.enrollmentInvalid) {
            try offers.takeUp(offer.enrollment, code: code, by: erika, now: now.addingTimeInterval(601))
        }
        #expect(throws: SecondFactorProblem.wrong) {
            try offers.takeUp(offer.enrollment, code: "12345", by: erika, now: now)
        }
        for forged in ["", "x", offer.enrollment + "A", String(offer.enrollment.reversed())] {
            #expect(throws: SecondFactorProblem.enrollmentInvalid) {
                try offers.takeUp(forged, code: code, by: erika, now: now)
            }
        }
    }

    @Test("where the organization demands one, nobody gets in without, and it is set up on the way in")
    func enforced() async throws {
        try await IdentityBench.run { bench async throws in
            try await bench.pool.execute("update organization set second_factor = 'required' where ucsid = '4711-0815'")
            #expect(try await bench.signIn().code == .secondFactorSetupRequired)
            #expect(try await bench.signIn("erika", organization: "other").status == .created)
            let asked = SignInRequest(
                userName: "erika", password: IdentityBench.password, organization: "demo", stayLoggedIn: false)
            let offer = try await bench.send(
                .post, "session/second-factor", contentType: "application/json",
                body: String(decoding: try WireJSON.encode(asked), as: UTF8.self)
            ).decoded(SecondFactorOffer.self)
            let totp = TOTP(secret: try #require(Self.decode(offer.secret)))
            let early = totp.code(step: TOTP.step(at: .now) - 1)
            #expect(try await bench.signIn(code: early).code == .secondFactorSetupRequired)
            #expect(try await bench.signIn("max", code: early, enrollment: offer.enrollment).code == .enrollmentInvalid)
            let response = try await bench.signIn(code: early, enrollment: offer.enrollment)
            let codes = try #require(try response.decoded(SessionView.self).recoveryCodes)
            #expect(codes.count == Limits.recoveryCodes)
            #expect(try await bench.signIn(code: codes[0]).decoded(SessionView.self).recoveryCodes == nil)
            let token = try await bench.token(try #require(response.sessionCookie))
            let shown = Reauthentication(
                password: IdentityBench.password, code: totp.code(step: TOTP.step(at: .now)))
            let removed = try await bench.send(.delete, "profile/second-factor", bearer: token, json: shown)
            #expect(removed.code == .secondFactorSetupRequired, "it can't be given up here")
            // Who has one is offered no other by the password alone.
            let again = try await bench.send(
                .post, "session/second-factor", contentType: "application/json",
                body: String(decoding: try WireJSON.encode(asked), as: UTF8.self))
            #expect(again.code == .secondFactorRequired)
        }
    }

    @Test("an offer from before another second factor was set up is worth nothing")
    func outdated() async throws {
        try await IdentityBench.run { bench async throws in
            let token = try await bench.token(try await bench.signedIn())
            let path = "profile/second-factor"
            let shown = Reauthentication(password: IdentityBench.password)
            let old = try await bench.send(.post, path, bearer: token, json: shown).decoded(SecondFactorOffer.self)
            let (totp, recovery) = try await Self.setUp(bench, token)
            func takeUpOld() async throws -> ErrorCode? {
                let other = TOTP(secret: try #require(Self.decode(old.secret)))
                let setup = SecondFactorSetup(
                    enrollment: old.enrollment, code: other.code(step: TOTP.step(at: .now)))
                return try await bench.send(.put, path, bearer: token, json: setup).code
            }
            #expect(try await takeUpOld() == .enrollmentInvalid)
            #expect(try await bench.signIn(code: recovery[0]).status == .created, "the present one is untouched")
            #expect(try await bench.signIn(code: totp.code(step: TOTP.step(at: .now))).status == .created)
        }
    }

    @Test("an operator removes one that was lost, and it is in the audit")
    func byOperator() async throws {
        try await IdentityBench.run { bench async throws in
            _ = try await Self.setUp(bench, try await bench.token(try await bench.signedIn()))
            #expect(try await bench.signIn().code == .secondFactorRequired)
            try await Administration.with(bench.settings.database, logger: IdentityBench.logger) { admin in
                #expect(try await admin.removeSecondFactor("erika", of: "demo"))
                #expect(try await !admin.removeSecondFactor("erika", of: "demo"))
                let last = try await admin.auditEntries(of: "demo", limit: 1).first
                #expect(last?.action == "account.second_factor_removed")
            }
            #expect(try await bench.signIn().status == .created)
        }
    }

    @Test("the database holds neither the secret nor a recovery code")
    func sealed() async throws {
        try await IdentityBench.run { bench async throws in
            let (totp, codes) = try await Self.setUp(bench, try await bench.token(try await bench.signedIn()))
            let row = try #require(
                try await bench.pool.query("select totp_secret from account where totp_secret is not null").first)
            let stored: [UInt8] = try row.decode("totp_secret")
            #expect(!stored.contains(totp.secret))
            let digests = try await bench.pool.query("select digest from recovery_code").map {
                try $0.decode("digest", as: [UInt8].self)
            }
            #expect(digests.count == codes.count)
            for code in codes {
                let letters = Array(code.replacing("-", with: "").utf8)
                #expect(!digests.contains { $0.contains(letters) })
            }
        }
    }
}
