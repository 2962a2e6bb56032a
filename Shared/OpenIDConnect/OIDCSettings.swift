/// What an organization's administrator tells Parley about its OpenID provider, and what the provider knows Parley as.
///
/// In JSON everything but `issuer` and `clientID` may be left out.
public struct OIDCSettings: Codable, Hashable, Sendable {
    /// The provider's name for itself (OpenID Connect Core 1.0, 2): an https URL without query and fragment, at most 2
    /// 048 bytes; http for loopback hosts only. Compared letter by letter, so a `/` at the end counts.
    public var issuer: String
    /// How the provider knows Parley: 1 to 512 printable ASCII characters.
    public var clientID: String
    /// 1 to 1 024 printable ASCII characters. None for a public client, which PKCE alone protects.
    public var clientSecret: String?
    /// What is asked for (RFC 6749, 3.3): 1 to 32 scopes of at most 128 bytes, `openid` among them.
    public var scopes: [String]
    /// Where in the provider's claims the facts about a person stand.
    public var claims: ClaimNames

    /// Names of claims (OpenID Connect Core 1.0, 5.1).
    ///
    /// Each is the name of a claim, or, where no claim has that name, a path of names with dots between them into
    /// nested objects, such as `realm_access.roles`. 1 to 256 bytes, at most 8 names.
    public struct ClaimNames: Codable, Hashable, Sendable {
        public var userName: String
        public var displayName: String
        public var email: String
        /// A list of texts, or one text.
        public var groups: String

        public init(
            userName: String = "preferred_username", displayName: String = "name", email: String = "email",
            groups: String = "groups"
        ) {
            self.userName = userName
            self.displayName = displayName
            self.email = email
            self.groups = groups
        }
    }

    /// A setting, as it is named in `OIDCError.settings`.
    public enum Field: String, CaseIterable, Codable, Hashable, Sendable {
        case issuer, clientID, clientSecret, scopes
        case userName = "claims.userName"
        case displayName = "claims.displayName"
        case email = "claims.email"
        case groups = "claims.groups"
    }

    public static let defaultScopes = ["openid", "profile", "email"]

    /// Checks nothing; `validate` and `OIDCProvider` do.
    public init(
        issuer: String, clientID: String, clientSecret: String? = nil, scopes: [String] = defaultScopes,
        claims: ClaimNames = ClaimNames()
    ) {
        self.issuer = issuer
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.scopes = scopes
        self.claims = claims
    }
}

extension OIDCSettings {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        issuer = try container.decode(String.self, forKey: .issuer)
        clientID = try container.decode(String.self, forKey: .clientID)
        clientSecret = try container.decodeIfPresent(String.self, forKey: .clientSecret)
        scopes = try container.decodeIfPresent([String].self, forKey: .scopes) ?? Self.defaultScopes
        claims = try container.decodeIfPresent(ClaimNames.self, forKey: .claims) ?? ClaimNames()
    }
}

extension OIDCSettings.ClaimNames {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let standard = Self()
        userName = try container.decodeIfPresent(String.self, forKey: .userName) ?? standard.userName
        displayName = try container.decodeIfPresent(String.self, forKey: .displayName) ?? standard.displayName
        email = try container.decodeIfPresent(String.self, forKey: .email) ?? standard.email
        groups = try container.decodeIfPresent(String.self, forKey: .groups) ?? standard.groups
    }
}

/// Without the secret, so that settings may stand in a log.
extension OIDCSettings: CustomStringConvertible, CustomReflectable {
    public var description: String {
        "OpenID provider \(issuer), client \(clientID)\(clientSecret == nil ? " (public)" : "")"
    }

    public var customMirror: Mirror {
        Mirror(self, children: ["issuer": issuer, "clientID": clientID, "scopes": scopes, "claims": claims])
    }
}
