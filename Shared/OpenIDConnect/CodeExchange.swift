/// The requests of one sign-in: the code for tokens, and the rest about the person.
struct CodeExchange: Sendable {
    struct Tokens: Sendable {
        let idToken: String
        let accessToken: String?
        /// Whether the access token is used as a bearer (RFC 6750), the only use that Parley knows.
        let isBearer: Bool
    }

    let description: ProviderDescription
    let settings: OIDCSettings
    let http: ProviderHTTP

    /// RFC 6749, 4.1.3, with RFC 7636, 4.5.
    func tokens(code: String, verifier: String, redirectURI: String) async throws(OIDCError) -> Tokens {
        var form = FormText.encode([
            "grant_type": "authorization_code", "code": code, "redirect_uri": redirectURI, "code_verifier": verifier,
        ])
        var basic: (user: String, password: String)?
        let id = FormText.encode(settings.clientID)
        let secret = FormText.encode(settings.clientSecret ?? "")
        switch description.clientAuthentication {
        case .none: form += "&client_id=\(id)"
        case .basic: basic = (user: id, password: secret)
        case .post: form += "&client_id=\(id)&client_secret=\(secret)"
        }
        let answer = try await http.post(description.tokenEndpoint, form: form, basic: basic)
        let claims = try Self.claims(answer)
        guard let idToken = claims.string("id_token") else { throw .flaw(.missing) }
        return Tokens(
            idToken: idToken, accessToken: claims.string("access_token"),
            isBearer: claims.string("token_type")?.lowercased() == "bearer")
    }

    /// Asks for what the ID token does not say, where the provider answers such questions (OpenID Connect Core 1.0,
    /// 5.3).
    ///
    /// - Throws: Also when the provider fails to answer: half of what is known could take rights from the person, or
    ///   the name.
    func userInfo(
        beside token: ClaimSet, subject: String, tokens: Tokens
    ) async throws(OIDCError) -> ClaimSet {
        guard token.isIncomplete(settings.claims), let endpoint = description.userInfoEndpoint,
            let accessToken = tokens.accessToken, tokens.isBearer, Self.isHeaderValue(accessToken)
        else { return ClaimSet([:]) }
        let claims = try Self.claims(try await http.get(endpoint, bearer: accessToken))
        guard claims.string("sub") == subject else { throw .flaw(.userInfoSubject) }
        return claims
    }

    private static func claims(_ answer: ProviderHTTP.Answer) throws(OIDCError) -> ClaimSet {
        let claims = ClaimSet(json: answer.body)
        switch answer.status {
        case 200:
            guard let claims else { throw .discovery(reason: "an answer is not one JSON object") }
            return claims
        case 300..<400: throw .discovery(reason: "an endpoint redirects")
        default: throw .refusal(claims?.string("error"))
        }
    }

    /// Printable ASCII without spaces, at most 64 KiB: what can't break a header.
    private static func isHeaderValue(_ token: String) -> Bool {
        (1...IDToken.maximumLength).contains(token.utf8.count) && token.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
