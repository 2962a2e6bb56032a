import Foundation
import ParleyProtocol
import Postgres

/// What is known about who wants to sign in, before anything is checked.
struct SignInCandidate: Sendable {
    /// Nothing when there is no such organization.
    var organization: OrganizationID?
    /// Those that the organization knows, folded; when empty, any domain is taken.
    var domains: [String] = []
    /// Nothing when there is no such account.
    var person: SignInPerson?
}

/// An account, as far as signing in needs to know.
struct SignInPerson: Sendable {
    var account: AccountID
    var organization: OrganizationID
    var organizationName: String
    var userName: String
    var displayName: String
    var origin: AccountOrigin
    /// Nothing when the password is kept elsewhere, or what is stored is no hash.
    var password: PasswordHash?
    var isOneTimePassword: Bool
    var isPasswordExpired: Bool
    /// Counts the passwords that the account has had.
    var passwordGeneration: Int
    /// Whether both the account and its organization are enabled.
    var isEnabled: Bool
    /// Changes with the second factor; nothing when there is none.
    var secondFactorMark: [UInt8]?
    var needsSecondFactor: Bool
    /// Characters of a new password.
    var passwordMinimum: Int

    var hasSecondFactor: Bool { secondFactorMark != nil }

    var passwordRules: PasswordRules {
        PasswordRules(minimum: passwordMinimum, names: [userName, displayName, organizationName])
    }
}

/// Looks people up for signing in.
struct SignInStore: Sendable {
    let pool: PostgresPool

    /// Finds whom somebody means; the most literal reading of the user name wins.
    func find(_ name: SignInName, organizationKey: String) async throws -> SignInCandidate {
        let organizations = try await pool.query(
            """
            select o.id, o.sign_in_domains from organization_handle h join organization o on o.id = h.organization_id
            where h.key = \(organizationKey)
            """)
        guard let row = organizations.first else {
            // As much work as for one that there is.
            _ = try await person(in: OrganizationID(UUID().uuidString), keys: name.candidates(domains: []))
            return SignInCandidate(organization: nil, person: nil)
        }
        let organization: OrganizationID = try row.decode("id")
        let domains = try row.decode("sign_in_domains", as: [String].self).map(LookupKey.fold)
        return SignInCandidate(
            organization: organization, domains: domains,
            person: try await person(in: organization, keys: name.candidates(domains: domains)))
    }

    func find(_ account: AccountID) async throws -> SignInPerson? {
        try await pool.query("\(Self.selection) where a.id = \(account)").first.map(Self.person)
    }

    private func person(in organization: OrganizationID, keys: [String]) async throws -> SignInPerson? {
        try await pool.query(
            """
            \(Self.selection) where a.organization_id = \(organization) and a.user_name_key = any (\(keys)::text[])
            order by length(a.user_name_key) desc limit 1
            """
        ).first.map(Self.person)
    }

    private static let selection: SQL = """
        select a.id, a.organization_id, a.user_name, a.display_name, a.origin, a.password_hash,
            a.password_expires_at is not null as is_one_time,
            coalesce(a.password_expires_at <= now(), false) as is_expired, a.is_enabled and o.is_enabled as is_enabled,
            a.password_generation, \(SecondFactorStore.mark) as second_factor_mark, o.second_factor, o.password_minimum,
            o.name as organization_name
        from account a join organization o on o.id = a.organization_id
        """

    private static func person(_ row: PostgresRow) throws -> SignInPerson {
        SignInPerson(
            account: try row.decode("id"), organization: try row.decode("organization_id"),
            organizationName: try row.decode("organization_name"), userName: try row.decode("user_name"),
            displayName: try row.decode("display_name"), origin: try row.decode("origin"),
            password: PasswordHash(text: try row.decode("password_hash")),
            isOneTimePassword: try row.decode("is_one_time"), isPasswordExpired: try row.decode("is_expired"),
            passwordGeneration: try row.decode("password_generation"), isEnabled: try row.decode("is_enabled"),
            secondFactorMark: try row.decode("second_factor_mark"),
            needsSecondFactor: try row.decode("second_factor", as: SecondFactorPolicy.self) == .required,
            passwordMinimum: try row.decode("password_minimum"))
    }
}
