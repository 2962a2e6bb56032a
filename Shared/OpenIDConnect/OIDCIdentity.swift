/// Who a provider says that somebody is.
///
/// `issuer` and `subject` together name the person for ever (OpenID Connect Core 1.0, 5.7); everything else may change
/// and may be chosen by the person. A text is missing when the provider gives none, or one that is blank, longer than 1
/// 024 bytes or has control characters in it.
public struct OIDCIdentity: Codable, Hashable, Sendable {
    public let issuer: String
    /// 1 to 255 ASCII characters.
    public let subject: String
    public let userName: String?
    public let displayName: String?
    public let email: String?
    /// Whether the provider says, beside this very address, that it belongs to the person (`email_verified`).
    public let isEmailVerified: Bool
    /// In the provider's order, each once. Entries that are no texts as above are left out.
    public let groups: [String]
    /// Whether the ID token says that the person has shown more than one factor: `mfa` in `amr` (RFC 8176, section 2).
    public let hasSeveralFactors: Bool

    public init(
        issuer: String, subject: String, userName: String? = nil, displayName: String? = nil, email: String? = nil,
        isEmailVerified: Bool = false, groups: [String] = [], hasSeveralFactors: Bool = false
    ) {
        self.issuer = issuer
        self.subject = subject
        self.userName = userName
        self.displayName = displayName
        self.email = email
        self.isEmailVerified = isEmailVerified
        self.groups = groups
        self.hasSeveralFactors = hasSeveralFactors
    }
}

extension OIDCIdentity {
    /// - Parameters:
    ///   - token: The claims of an ID token that has been checked.
    ///   - userInfo: Claims about the same person, for what the token does not say.
    init(
        settings: OIDCSettings, subject: String, token: ClaimSet, userInfo: ClaimSet = ClaimSet([:])
    ) {
        let names = settings.claims
        let sources = [token, userInfo]
        func first(_ name: String) -> String? { sources.lazy.compactMap { $0.text(at: name) }.first }
        let email = first(names.email)
        self.init(
            issuer: settings.issuer, subject: subject, userName: first(names.userName),
            displayName: first(names.displayName), email: email,
            isEmailVerified: sources.contains { $0.isVerified(email: email) },
            groups: sources.lazy.compactMap { $0.texts(at: names.groups) }.first ?? [],
            hasSeveralFactors: token.strings("amr")?.contains("mfa") ?? false)
    }
}

extension ClaimSet {
    /// Whether something that an identity is made of is not among these claims.
    func isIncomplete(_ names: OIDCSettings.ClaimNames) -> Bool {
        [names.userName, names.displayName, names.email].contains { text(at: $0) == nil }
            || texts(at: names.groups) == nil
    }

    /// Some providers write the truth as a text.
    fileprivate func isVerified(email: String?) -> Bool {
        guard let email, text(at: "email") == email else { return false }
        let verified = value(at: "email_verified")
        return verified == .bool(true) || verified == .string("true")
    }
}
