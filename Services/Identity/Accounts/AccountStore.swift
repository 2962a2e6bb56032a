import Foundation
import ParleyProtocol
import Postgres

/// Accounts in PostgreSQL.
struct AccountStore: Sendable {
    /// What is known about who wants to sign in, before the password is checked.
    struct Candidate: Sendable {
        /// Nil when there is no such organization.
        var organization: OrganizationID?
        /// Nil when there is no such account.
        var known: Known?

        struct Known: Sendable {
            var account: AccountID
            var password: PasswordHash?
            /// Whether both the account and its organization are enabled.
            var isEnabled: Bool
        }
    }

    let pool: PostgresPool

    /// Adds the account to the organization with this UCSID or alias.
    /// - Throws: `InputProblem` when there is no such organization, or the user name is taken.
    func add(_ account: NewAccount, password: PasswordHash, organization handle: String) async throws {
        let organizationKey = LookupKey.fold(NameRules.tidy(handle))
        let (userNameKey, displayNameKey) = (LookupKey.fold(account.userName), LookupKey.fold(account.displayName))
        let id = UUID()
        do {
            let added = try await pool.execute(
                """
                insert into account (id, organization_id, user_name, user_name_key, display_name, display_name_key,
                    permissions, password_hash)
                select \(id), organization_id, \(account.userName), \(userNameKey), \(account.displayName),
                    \(displayNameKey), \(account.permissions.map(\.rawValue)), \(password.text)
                from organization_handle where key = \(organizationKey)
                """)
            guard added == 1 else {
                throw InputProblem("There is no organization with the UCSID or alias \(handle.debugDescription).")
            }
        } catch let error as PostgresError where error.constraint == "account_user_name_taken" {
            throw InputProblem(
                "An account with the user name \(account.userName.debugDescription) exists already in this organization."
            )
        }
    }

    /// Finds whom somebody means who signs in; the most literal reading of the user name wins.
    func find(_ name: SignInName, organizationKey: String) async throws -> Candidate {
        let rows = try await pool.query(
            """
            select o.id as organization_id, a.id, a.password_hash, a.is_enabled and o.is_enabled as is_enabled
            from organization_handle h
            join organization o on o.id = h.organization_id
            left join account a on a.organization_id = o.id and a.user_name_key = any (\(name.candidates)::text[])
            where h.key = \(organizationKey)
            order by length(a.user_name_key) desc nulls last limit 1
            """)
        guard let row = rows.first else { return Candidate(organization: nil, known: nil) }
        let organization = try row.decode("organization_id", as: OrganizationID.self)
        guard let account = try row.decode("id", as: AccountID?.self) else {
            return Candidate(organization: organization, known: nil)
        }
        let known = Candidate.Known(
            account: account, password: PasswordHash(text: try row.decode("password_hash")),
            isEnabled: try row.decode("is_enabled"))
        return Candidate(organization: organization, known: known)
    }

    /// Stores a password's new hash, unless the password was changed in the meantime.
    func replacePassword(of account: AccountID, _ old: PasswordHash, by new: PasswordHash) async throws {
        try await pool.execute(
            """
            update account set password_hash = \(new.text)
            where id = \(account) and password_hash = \(old.text)
            """)
    }
}
