import ParleyProtocol

/// Finds out whose a password is.
struct PasswordSignIn: Sendable {
    let store: SignInStore
    let accounts: AccountStore
    let hasher: PasswordHasher

    /// Who it is; nothing when the name or the password is wrong. Both cost the same.
    /// - Throws: `PasswordHasher.Busy`, or the error of a store.
    func callAsFunction(
        _ name: SignInName, password: Password, candidate: SignInCandidate
    ) async throws -> SignInPerson? {
        try await local(password, candidate.person)
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
