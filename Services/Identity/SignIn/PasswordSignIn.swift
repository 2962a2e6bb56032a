import ParleyProtocol

/// Finds out whose a password is: of a local account, or in one of the organization's directories.
struct PasswordSignIn: Sendable {
    /// Where a password was found to be right.
    enum Place: Sendable {
        case account
        /// Rules of Parley's own password do not concern it.
        case directory
    }

    struct Recognized: Sendable {
        var person: SignInPerson
        var place: Place
    }

    let store: SignInStore
    let accounts: AccountStore
    let hasher: PasswordHasher
    let directories: DirectorySignIn

    /// Who it is; nothing when the name or the password is wrong. Both cost the same.
    /// - Throws: `DirectorySignIn.Unavailable` when a directory is away that might know the person; `PasswordHasher.Busy`, or
    ///   the error of a store.
    func callAsFunction(
        _ name: SignInName, password: Password, candidate: SignInCandidate
    ) async throws -> Recognized? {
        if let person = try await local(password, candidate.person) {
            return Recognized(person: person, place: .account)
        }
        guard let organization = candidate.organization,
            let account = try await directories(
                name.directoryNames(domains: candidate.domains), password: password.text, organization: organization)
        else { return nil }
        return try await store.find(account).map { Recognized(person: $0, place: .directory) }
    }

    /// Whether the password is the account's, for somebody who is signed in.
    func isRight(_ password: Password, of account: AccountID) async throws -> Bool {
        guard let person = try await store.find(account) else { return false }
        if try await local(password, person) != nil { return true }
        // By the name as it is stored: any other reading of it is somebody else.
        return try await directories([person.userName], password: password.text, organization: person.organization)
            == account
    }

    private func local(_ password: Password, _ person: SignInPerson?) async throws -> SignInPerson? {
        guard case .right(let replacement) = try await hasher.check(password, against: person?.password),
            let person, let stored = person.password
        else { return nil }
        if let replacement { try await accounts.replacePassword(of: person.account, stored, by: replacement) }
        return person
    }
}
