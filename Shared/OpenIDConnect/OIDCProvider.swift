import Crypto
import Foundation
import Logging
import ServiceKit

/// One OpenID provider, which people sign in with: the authorization code flow of OpenID Connect Core 1.0 with PKCE.
///
/// Keeps what the provider says of itself and its keys for an hour at most, and asks again after anything went wrong.
/// Make one for each organization, and a new one when its settings change.
public struct OIDCProvider: Sendable {
    /// How long things may take and be kept. Tests have less patience.
    struct Times: Sendable {
        /// For each request to the provider.
        var request: Duration = .seconds(5)
        /// Of the description and the keys.
        var maximumAge: Duration = .seconds(3_600)
        /// Shortest time between two fetches of keys that tokens with unknown ones cause.
        var lookAgain: Duration = .seconds(10)
    }

    public let settings: OIDCSettings
    private let http: ProviderHTTP
    private let times: Times
    private let description: SharedFetch<ProviderDescription>
    private let keys: SharedFetch<KeySet>

    /// Sends nothing yet.
    ///
    /// - Throws: `OIDCError.settings` when `OIDCSettings.validate` does.
    public init(_ settings: OIDCSettings, logger: Logger) throws(OIDCError) {
        try self.init(settings, times: Times(), logger: logger)
    }

    init(_ settings: OIDCSettings, times: Times, logger: Logger) throws(OIDCError) {
        try settings.validate()
        guard let address = ProviderDescription.address(issuer: settings.issuer) else { throw .settings(.issuer) }
        let http = ProviderHTTP(timeout: times.request, logger: logger)
        let description = SharedFetch { () async throws(OIDCError) -> ProviderDescription in
            try ProviderDescription(try await http.get(address), settings: settings)
        }
        self.settings = settings
        self.http = http
        self.times = times
        self.description = description
        keys = SharedFetch { () async throws(OIDCError) -> KeySet in
            try KeySet(try await http.get(try await description.value(maximumAge: times.maximumAge).keySet))
        }
    }

    /// Where to send the browser, so that the person signs in there (OpenID Connect Core 1.0, 3.1.2.1).
    ///
    /// - Parameters:
    ///   - attempt: A new one, which the caller keeps for when this browser comes back.
    ///   - redirectURI: Where it comes back to, letter by letter as the provider knows it.
    /// - Throws: `unreachable`, `timedOut`, `discovery`.
    public func authorizationURL(_ attempt: OIDCAttempt, redirectURI: String) async throws(OIDCError) -> String {
        let endpoint = try await description.value(maximumAge: times.maximumAge).authorizationEndpoint
        return endpoint.adding(
            FormText.encode([
                "response_type": "code", "client_id": settings.clientID, "redirect_uri": redirectURI,
                "scope": settings.scopes.joined(separator: " "), "state": attempt.state, "nonce": attempt.nonce,
                "code_challenge": Base64URL.encode(SHA256.hash(data: Data(attempt.verifier.utf8))),
                "code_challenge_method": "S256",
            ]))
    }

    /// Who has signed in, once the browser has come back with a code.
    ///
    /// The caller has checked before that the browser brought the state of this attempt (`OIDCAttempt.isAnswered`) and
    /// that there is a code; where there is an `error` instead, the person or the provider has said no.
    ///
    /// - Parameters:
    ///   - code: Of the redirect, good once. 1 to 4 096 printable ASCII characters.
    ///   - issuer: `iss` of the redirect (RFC 9207), if it has one.
    ///   - redirectURI: The same as for `authorizationURL`.
    /// - Throws: Any `OIDCError` but `settings`. Nothing may be believed about the person then, and the code is lost.
    public func identity(
        code: String, issuer: String?, attempt: OIDCAttempt, redirectURI: String
    ) async throws(OIDCError) -> OIDCIdentity {
        // Whatever a browser can bring costs the provider nothing, and says nothing about it.
        guard (1...4_096).contains(code.utf8.count), code.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw .refused(code: "invalid_grant")
        }
        guard issuer == nil || issuer == settings.issuer else { throw .flaw(.answerIssuer) }
        do throws(OIDCError) {
            return try await signIn(code: code, issuer: issuer, attempt: attempt, redirectURI: redirectURI)
        } catch {
            if ![.refused(code: "invalid_grant"), .flaw(.answerIssuer)].contains(error) { await description.forget() }
            // A key may have got the name of another. Names that are not known have a limit of their own.
            if [.flaw(.signature), .flaw(.algorithm)].contains(error) { await keys.forget() }
            throw error
        }
    }

    private func signIn(
        code: String, issuer: String?, attempt: OIDCAttempt, redirectURI: String
    ) async throws(OIDCError) -> OIDCIdentity {
        let description = try await description(ofAnswerBy: issuer)
        let exchange = CodeExchange(description: description, settings: settings, http: http)
        let tokens = try await exchange.tokens(code: code, verifier: attempt.verifier, redirectURI: redirectURI)
        let token = try IDToken(tokens.idToken)
        guard description.algorithms.contains(token.header.algorithm) else { throw .flaw(.algorithm) }
        guard try await key(of: token).verifies(token.signature, of: token.signed, as: token.header.algorithm) else {
            throw .flaw(.signature)
        }
        let rules = IDTokenRules(
            issuer: settings.issuer, clientID: settings.clientID, nonce: attempt.nonce, accessToken: tokens.accessToken)
        let subject = try rules.check(token.claims, now: .now)
        let more = try await exchange.userInfo(beside: token.claims, subject: subject, tokens: tokens)
        return OIDCIdentity(settings: settings, subject: subject, token: token.claims, userInfo: more)
    }

    /// An answer without its issuer is believed where answers name none. That may have changed since it was last fetched.
    private func description(ofAnswerBy issuer: String?) async throws(OIDCError) -> ProviderDescription {
        let known = try await description.value(maximumAge: times.maximumAge)
        guard issuer == nil, known.answersNameIssuer else { return known }
        guard let new = try await description.renewed(interval: times.lookAgain), !new.answersNameIssuer else {
            throw .flaw(.answerIssuer)
        }
        return new
    }

    /// A key that is not known yet may have been published since.
    private func key(of token: IDToken) async throws(OIDCError) -> ProviderKey {
        if let key = try await keys.value(maximumAge: times.maximumAge).key(of: token.header) { return key }
        guard let key = try await keys.renewed(interval: times.lookAgain)?.key(of: token.header) else {
            throw .flaw(.unknownKey)
        }
        return key
    }
}
