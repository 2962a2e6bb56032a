import ParleyProtocol

/// Finds out whose a password is: of a local account, or in one of the organization's directories.
struct PasswordSignIn: Sendable {
    let store: SignInStore
    let accounts: AccountStore
    let hasher: PasswordHasher
    let directories: DirectorySignIn

    /// Who it is; nothing when the name or the password is wrong. Both cost the same.
    /// - Throws: `DirectorySignIn.Unavailable` when a directory is away that might know the person; `PasswordHasher.Busy`, or
    ///   the error of a store.
    func callAsFunction(
        _ name: SignInName, password: Password, candidate: SignInCandidate
    ) async throws -> SignInPerson? {
        if let person = try await local(password, candidate.person) { return person }
        guard let organization = candidate.organization,
            let account = try await directories(name, password: password.text, organization: organization)
        else { return nil }
        return try await store.find(account)
    }

    /// Whether the password is the account's, for somebody who is signed in.
    func isRight(_ password: Password, of account: AccountID) async throws -> Bool {
        guard let person = try await store.find(account) else { return false }
        let candidate = SignInCandidate(organization: person.organization, person: person)
        let found = try await self(SignInName(person.userName), password: password, candidate: candidate)
        return found?.account == account
    }

    private func local(_ password: Password, _ person: SignInPerson?) async throws -> SignInPerson? {
        guard case .right(let replacement) = try await hasher.check(password, against: person?.password),
            let person, let stored = person.password
        else { return nil }
        if let replacement { try await accounts.replacePassword(of: person.account, stored, by: replacement) }
        return person
    }
}
