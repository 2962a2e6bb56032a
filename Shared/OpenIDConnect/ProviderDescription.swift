/// What a provider says of itself (OpenID Connect Discovery 1.0, 3), as far as Parley needs it.
struct ProviderDescription: Sendable {
    /// How Parley proves to the provider that it is the client (OpenID Connect Core 1.0, 9).
    enum ClientAuthentication: Sendable {
        case none, basic, post
    }

    let authorizationEndpoint: WebAddress
    let tokenEndpoint: WebAddress
    let keySet: WebAddress
    let userInfoEndpoint: WebAddress?
    /// How ID tokens may be signed.
    let algorithms: Set<SigningAlgorithm>
    let clientAuthentication: ClientAuthentication
    /// Every answer to a sign-in names its issuer (RFC 9207, 3).
    let answersNameIssuer: Bool

    /// Where a provider describes itself (Discovery 1.0, 4).
    static func address(issuer: String) -> WebAddress? {
        WebAddress((issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer) + "/.well-known/openid-configuration")
    }

    /// - Throws: `OIDCError.discovery` when the provider is another one, leaves out what must be there, or can't do
    ///   what is needed.
    init(_ answer: ProviderHTTP.Answer, settings: OIDCSettings) throws(OIDCError) {
        guard answer.status == 200 else { throw .discovery(reason: "no description of the provider") }
        guard let claims = ClaimSet(json: answer.body) else {
            throw .discovery(reason: "the description of the provider is not one JSON object")
        }
        guard claims.string("issuer") == settings.issuer else {
            throw .discovery(reason: "the description is of another issuer")
        }
        let isLocal = WebAddress(settings.issuer)?.isPlain == true
        func endpoint(_ name: String) -> WebAddress? {
            guard let address = claims.string(name).flatMap(WebAddress.init) else { return nil }
            // A provider elsewhere must not send us to a service of this machine.
            return address.isPlain && !isLocal ? nil : address
        }
        guard let authorization = endpoint("authorization_endpoint"), let token = endpoint("token_endpoint"),
            let keys = endpoint("jwks_uri")
        else { throw .discovery(reason: "an endpoint is missing or not acceptable") }
        authorizationEndpoint = authorization
        tokenEndpoint = token
        keySet = keys
        userInfoEndpoint = endpoint("userinfo_endpoint")
        guard userInfoEndpoint != nil || claims["userinfo_endpoint"] == nil else {
            throw .discovery(reason: "an endpoint is missing or not acceptable")
        }
        algorithms = try Self.algorithms(claims)
        clientAuthentication = try Self.clientAuthentication(claims, isPublic: settings.clientSecret == nil)
        answersNameIssuer = claims["authorization_response_iss_parameter_supported"] == .bool(true)
        try Self.checkFlow(claims)
    }

    /// What is missing has a default or is not said; what is said must have what Parley uses.
    private static func checkFlow(_ claims: ClaimSet) throws(OIDCError) {
        let answers = "response_types_supported"
        guard claims[answers] == nil || claims.strings(answers)?.contains("code") == true else {
            throw .discovery(reason: "the provider gives no codes")
        }
        let challenges = "code_challenge_methods_supported"
        guard claims[challenges] == nil || claims.strings(challenges)?.contains("S256") == true else {
            throw .discovery(reason: "the provider has no PKCE with S256")
        }
    }

    private static func algorithms(_ claims: ClaimSet) throws(OIDCError) -> Set<SigningAlgorithm> {
        let name = "id_token_signing_alg_values_supported"
        guard claims[name] != nil else { return Set(SigningAlgorithm.allCases) }
        let algorithms = Set((claims.strings(name) ?? []).compactMap(SigningAlgorithm.init))
        guard !algorithms.isEmpty else { throw .discovery(reason: "the provider signs in no acceptable way") }
        return algorithms
    }

    private static func clientAuthentication(
        _ claims: ClaimSet, isPublic: Bool
    ) throws(OIDCError) -> ClientAuthentication {
        guard !isPublic else { return .none }
        let name = "token_endpoint_auth_methods_supported"
        let methods = claims[name] == nil ? ["client_secret_basic"] : claims.strings(name) ?? []
        if methods.contains("client_secret_basic") { return .basic }
        if methods.contains("client_secret_post") { return .post }
        throw .discovery(reason: "the provider takes client secrets in no known way")
    }
}
