import Foundation
import TestSupport
import Testing

@testable import OpenIDConnect

/// What is kept of a provider, and for how long.
@Suite("Keys and description of an OpenID provider")
struct KeyTests {
    @Test("many who sign in at once cause one request for the description, and it is kept")
    func oneRequest() async throws {
        try await SignIn.withProvider { signIn in
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 1...20 {
                    group.addTask {
                        try await signIn.provider.authorizationURL(OIDCAttempt(), redirectURI: SignIn.redirectURI)
                    }
                }
                var urls: Set<String> = []
                for try await url in group { urls.insert(url) }
                #expect(urls.count == 20)
            }
            _ = try await signIn.identity()
            _ = try await signIn.identity()
            #expect(try await signIn.count("/.well-known/openid-configuration") == 1)
            #expect(try await signIn.count("/keys") == 1)
        }
    }

    @Test("the description and the keys are fetched again when they are old")
    func age() async throws {
        try await SignIn.withProvider(times: .init(maximumAge: .zero)) { signIn in
            _ = try await signIn.identity()
            // For the redirect, for the code, and for where the keys are.
            #expect(try await signIn.count("/.well-known/openid-configuration") == 3)
            _ = try await signIn.identity()
            #expect(try await signIn.count("/keys") == 2)
        }
    }

    @Test("the description is fetched again after a failure, but not after a code that is no good")
    func afterFailure() async throws {
        try await SignIn.withProvider { signIn in
            let path = "/.well-known/openid-configuration"
            let attempt = OIDCAttempt()
            _ = try await signIn.comeBack(attempt)
            _ = await failure { try await signIn.identity(attempt, ["code": "a", "iss": signIn.process.issuer]) }
            _ = try await signIn.comeBack(attempt)
            #expect(try await signIn.count(path) == 1)
            try await signIn.mistake("error-500")
            _ = await failure { try await signIn.identity() }
            try await signIn.mistake("")
            _ = try await signIn.identity()
            #expect(try await signIn.count(path) == 2)
        }
    }

    @Test("new keys are noticed at the first token that is signed with one")
    func rotation() async throws {
        try await SignIn.withProvider(times: .init(lookAgain: .milliseconds(1))) { signIn in
            _ = try await signIn.identity()
            try await signIn.control("rotate", "keep=1")
            _ = try await signIn.identity()
            try await signIn.control("rotate")
            _ = try await signIn.identity()
            #expect(try await signIn.count("/keys") == 3)
        }
    }

    @Test("tokens with unknown keys cause one more request in ten seconds")
    func unknownKeys() async throws {
        try await SignIn.withProvider { signIn in
            _ = try await signIn.identity()
            try await signIn.mistake("unknown-kid")
            for _ in 1...5 { #expect(await failure { try await signIn.identity() } == .flaw(.unknownKey)) }
            #expect(try await signIn.count("/keys") == 1)
        }
        try await SignIn.withProvider(times: .init(lookAgain: .seconds(2))) { signIn in
            _ = try await signIn.identity()
            try await Task.sleep(for: .seconds(2))
            try await signIn.mistake("unknown-kid")
            for _ in 1...3 { #expect(await failure { try await signIn.identity() } == .flaw(.unknownKey)) }
            #expect(try await signIn.count("/keys") == 2)
        }
    }

    @Test("a key that has taken another's name is noticed after one refusal")
    func sameName() async throws {
        try await SignIn.withProvider { signIn in
            _ = try await signIn.identity()
            try await signIn.mistake("foreign-key")
            #expect(await failure { try await signIn.identity() } == .flaw(.signature))
            try await signIn.mistake("")
            _ = try await signIn.identity()
            #expect(try await signIn.count("/keys") == 2)
        }
    }
}
