import Foundation
import TestSupport
import Testing

@testable import OpenIDConnect

/// Parley and a provider in a process of its own, over HTTP.
@Suite("Signing in at an OpenID provider")
struct FlowTests {
    @Test(
        "everything that a provider says about a person arrives, however it signs",
        arguments: ["RS256", "PS256", "ES256"])
    func wholeFlow(algorithm: String) async throws {
        try await SignIn.withProvider(options: ["--client-secret", SignIn.secret, "--algorithm", algorithm]) { signIn in
            let attempt = OIDCAttempt()
            let answer = try await signIn.comeBack(attempt)
            #expect(attempt.isAnswered(by: answer["state"] ?? ""))
            #expect(answer["organization"] == "4711")
            let identity = try await signIn.identity(attempt, answer)
            #expect(
                identity
                    == OIDCIdentity(
                        issuer: signIn.process.issuer, subject: "sub-ada", userName: "ada", displayName: "Ada Lovelace",
                        email: "ada@example.org", isEmailVerified: true, groups: ["staff", "board"]))
            #expect(try await signIn.count("/userinfo") == 0)
        }
    }

    @Test("client secrets go where the provider takes them, and public clients have none")
    func clientAuthentication() async throws {
        let post = ["--client-secret", SignIn.secret, "--authentication", "client_secret_post"]
        try await SignIn.withProvider(options: post) { signIn in
            let identity = try await signIn.identity()
            #expect(identity.subject == "sub-ada")
        }
        try await SignIn.withProvider(options: [], change: { $0.clientSecret = nil }) { signIn in
            let identity = try await signIn.identity()
            #expect(identity.subject == "sub-ada")
        }
        try await SignIn.withProvider(change: { $0.clientSecret = "another" }) { signIn in
            #expect(await failure { try await signIn.identity() } == .refused(code: "invalid_client"))
        }
    }

    @Test("what the ID token does not say is asked for")
    func userInfo() async throws {
        let options = ["--client-secret", SignIn.secret, "--only-userinfo"]
        try await SignIn.withProvider(options: options, change: { $0.claims.groups = "realm_access.roles" }) { signIn in
            let identity = try await signIn.identity()
            #expect(identity.displayName == "Ada Lovelace" && identity.userName == "ada")
            #expect(identity.isEmailVerified && identity.groups == ["organizer"])
            #expect(try await signIn.count("/userinfo") == 1)

            try await signIn.mistake("wrong-sub")
            #expect(await failure { try await signIn.identity() } == .flaw(.userInfoSubject))
            try await signIn.mistake("error-500:userinfo")
            #expect(await failure { try await signIn.identity() } == .unreachable)
            try await signIn.mistake("access-token-type")
            #expect(try await signIn.identity().userName == nil)
            try await signIn.control("description", #"{"userinfo_endpoint": null}"#)
            try await signIn.mistake("wrong-aud")
            #expect(await failure { try await signIn.identity() } == .flaw(.audience))
            try await signIn.mistake("")
            #expect(try await signIn.identity().groups.isEmpty)
        }
    }

    @Test("a wrong password leads nowhere, and a code is good once, for whoever asked, and where it was asked for")
    func codes() async throws {
        try await SignIn.withProvider { signIn in
            let nowhere = try? await signIn.comeBack(OIDCAttempt(), password: "wrong")
            #expect(nowhere == nil)
            let attempt = OIDCAttempt()
            let answer = try await signIn.comeBack(attempt)
            _ = try await signIn.identity(attempt, answer)
            #expect(await failure { try await signIn.identity(attempt, answer) } == .refused(code: "invalid_grant"))

            let second = try await signIn.comeBack(attempt)
            let other = OIDCAttempt()
            #expect(await failure { try await signIn.identity(other, second) } == .refused(code: "invalid_grant"))

            let third = try await signIn.comeBack(attempt)
            let elsewhere = await failure {
                try await signIn.provider.identity(
                    code: third["code"] ?? "", issuer: third["iss"], attempt: attempt,
                    redirectURI: "https://meet.example.org/other")
            }
            #expect(elsewhere == .refused(code: "invalid_grant"))
        }
    }

    @Test("a code that can be none is not sent", arguments: ["", "a\r\nb", "é", String(repeating: "a", count: 4_097)])
    func impossibleCodes(code: String) async throws {
        let settings = OIDCSettings(issuer: "http://127.0.0.1:9", clientID: "parley")
        let provider = try OIDCProvider(settings, logger: SignIn.quiet)
        let error = await failure {
            try await provider.identity(
                code: code, issuer: nil, attempt: OIDCAttempt(), redirectURI: SignIn.redirectURI)
        }
        #expect(error == .refused(code: "invalid_grant"))
    }

    @Test("an answer of another issuer, or of none where all are named, is not believed before the code is sent")
    func answerIssuer() async throws {
        try await SignIn.withProvider(times: .init(lookAgain: .milliseconds(1))) { signIn in
            for mistake in ["answer-iss", "no-answer-iss"] {
                try await signIn.mistake(mistake)
                #expect(await failure { try await signIn.identity() } == .flaw(.answerIssuer))
            }
            #expect(try await signIn.count("/token") == 0)
            try await signIn.control(
                "description", #"{"authorization_response_iss_parameter_supported": null}"#)
            #expect(try await signIn.identity().subject == "sub-ada")
            try await signIn.mistake("answer-iss")
            #expect(await failure { try await signIn.identity() } == .flaw(.answerIssuer))
        }
    }

    @Test("an authorization endpoint keeps the query that it has")
    func endpointWithQuery() async throws {
        try await SignIn.withProvider { signIn in
            let endpoint = "\(signIn.process.issuer)/authorize?realm=a%20b"
            try await signIn.control("description", #"{"authorization_endpoint": "\#(endpoint)"}"#)
            let attempt = OIDCAttempt()
            let url = try await signIn.provider.authorizationURL(attempt, redirectURI: SignIn.redirectURI)
            #expect(url.hasPrefix("\(endpoint)&response_type=code&client_id=parley&redirect_uri=https%3A%2F%2Fmeet."))
            #expect(url.contains("&scope=openid%20profile%20email&state=\(attempt.state)&nonce=\(attempt.nonce)&"))
            #expect(url.hasSuffix("&code_challenge_method=S256") && !url.contains(attempt.verifier))
            #expect(try await signIn.identity(attempt).subject == "sub-ada")
        }
    }
}
