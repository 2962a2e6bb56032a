import Logging
import ParleyProtocol

/// The whole way from what somebody typed to a session.
struct SignIn: Sendable {
    enum Refusal: Error, Hashable {
        /// The organization, the user name or the password is wrong; nobody is told which.
        case credentialsWrong
        /// The password is right. Only who knows it learns that the account or organization is disabled.
        case accountDisabled
    }

    /// What somebody typed, of sane length and without control characters.
    struct Attempt: Sendable {
        var name: SignInName
        var organizationKey: String
        var password: Password
        var stayLoggedIn: Bool
        /// Where it comes from, as limits count.
        var source: String
        /// Of the session that the browser has so far; it ends.
        var former: SessionToken?
    }

    let accounts: AccountStore
    let sessions: SessionStore
    let hasher: PasswordHasher
    let guesses: SignInGuard

    /// - Throws: `Refusal`, `SignInGuard.TooMany`, `PasswordHasher.Busy`, or the error of a store.
    func callAsFunction(_ attempt: Attempt, logger: Logger) async throws -> (Session, SessionToken) {
        let candidate = try await accounts.find(attempt.name, organizationKey: attempt.organizationKey)
        let guessKey = SignInGuard.accountKey(
            organization: candidate.organization?.rawValue ?? attempt.organizationKey, userName: attempt.name.guessKey)
        try await guesses.admit(account: guessKey, source: attempt.source)
        do {
            let account = try await check(attempt.password, candidate)
            let token = SessionToken()
            let session = try await sessions.begin(
                token, account: account, stayLoggedIn: attempt.stayLoggedIn, replacing: attempt.former)
            guard let session else { throw Refusal.accountDisabled }
            try await guesses.succeeded(account: guessKey, source: attempt.source)
            logger.info(
                "Signed in", metadata: ["account": "\(account)", "session": "\(session.id)"])
            return (session, token)
        } catch let refusal as Refusal {
            // The user name is not logged: people type passwords into the wrong field.
            logger.notice(
                "Sign-in refused",
                metadata: [
                    "reason": "\(refusal)", "client.source": "\(attempt.source)",
                    "account": "\(candidate.known?.account.rawValue ?? "unknown")",
                ])
            try await guesses.failed(source: attempt.source)
            throw refusal
        }
    }

    private func check(_ password: Password, _ candidate: AccountStore.Candidate) async throws -> AccountID {
        let verdict = try await hasher.check(password, against: candidate.known?.password)
        guard let known = candidate.known, let stored = known.password, case .right(let replacement) = verdict else {
            throw Refusal.credentialsWrong
        }
        guard known.isEnabled else { throw Refusal.accountDisabled }
        if let replacement { try await accounts.replacePassword(of: known.account, stored, by: replacement) }
        return known.account
    }
}
