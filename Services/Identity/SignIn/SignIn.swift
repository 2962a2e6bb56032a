import Logging
import ParleyProtocol

/// The whole way from what somebody typed to a session.
struct SignIn: Sendable {
    enum Refusal: Error, Hashable {
        /// The organization, the user name or the password is wrong; nobody is told which.
        case credentialsWrong
        // From here on the password is right: only who knows it learns this.
        case accountDisabled
        /// A one-time password whose time is over.
        case passwordExpired
        /// A one-time password opens the account for setting another one only.
        case passwordChangeRequired
        case newPassword(FieldProblem.Reason)
        case secondFactor(SecondFactorProblem)
    }

    /// What somebody typed, of sane length and without control characters.
    struct Attempt: Sendable {
        var name: SignInName
        var organizationKey: String
        var password: Password
        var origin: Origin
        var code: String?
        var newPassword: String?
        var enrollment: String?
    }

    /// The browser or program that signs in.
    struct Origin: Sendable {
        var stayLoggedIn: Bool
        /// Where it is, as limits count.
        var source: String
        /// The same for people to read.
        var address: String
        /// Of the session that it has so far; it ends.
        var former: SessionToken?
        var device: KnownDevice?
        var agent: UserAgent
    }

    struct Success: Sendable {
        var session: Session
        var token: SessionToken
        var device: KnownDevice
    }

    let store: SignInStore
    let passwords: PasswordSignIn
    let accounts: AccountStore
    let secondFactors: SecondFactorStore
    let offers: SecondFactorOffers
    let sessions: SessionStore
    let guesses: SignInGuard
    let deviceKey: KnownDevice.DeviceKey

    /// - Throws: `Refusal`, `SignInGuard.TooMany`, `PasswordHasher.Busy`, or the error of a store.
    func callAsFunction(_ attempt: Attempt, logger: Logger) async throws -> Success {
        try await guarded(attempt, logger: logger) { person in
            try await checkNewPassword(attempt, person)
            try await checkSecondFactor(attempt, person)
            try await setNewPassword(attempt, person)
            return try await begin(attempt.origin, person.account, logger: logger)
        }
    }

    /// A second factor for somebody who must have one and has none; it needs the password only.
    func offer(_ attempt: Attempt, logger: Logger) async throws -> SecondFactorOffer {
        try await guarded(attempt, succeeds: false, logger: logger) { person in
            // Who has one shows it, and changes it in the profile.
            guard !person.hasSecondFactor else { throw Refusal.secondFactor(.required) }
            return try offers.offer(
                to: person.account, named: person.userName, at: person.organizationName)
        }
    }

    /// Begins a session for somebody who has been recognized, whatever the way.
    func begin(_ origin: Origin, _ account: AccountID, logger: Logger) async throws -> Success {
        let token = SessionToken()
        let beginning = SessionStore.Beginning(
            account: account, stayLoggedIn: origin.stayLoggedIn, agent: origin.agent, source: origin.address,
            former: origin.former)
        guard let session = try await sessions.begin(token, beginning) else { throw Refusal.accountDisabled }
        var device = origin.device ?? KnownDevice()
        device.note(account, key: deviceKey)
        logger.info("Signed in", metadata: ["account": "\(account)", "session": "\(session.id)"])
        return Success(session: session, token: token, device: device)
    }

    /// Counts the attempt, finds out who it is, and goes on with `body`.
    /// - Parameter succeeds: whether `body` ends in a session, after which earlier failures are forgotten.
    private func guarded<Result>(
        _ attempt: Attempt, succeeds: Bool = true, logger: Logger, _ body: (SignInPerson) async throws -> Result
    ) async throws -> Result {
        let candidate = try await store.find(attempt.name, organizationKey: attempt.organizationKey)
        let place = place(attempt, candidate)
        try await guesses.admit(place)
        do {
            let person = try await passwords(attempt.name, password: attempt.password, candidate: candidate)
            guard let person else { throw Refusal.credentialsWrong }
            guard person.isEnabled else { throw Refusal.accountDisabled }
            guard !person.isPasswordExpired else { throw Refusal.passwordExpired }
            let result = try await body(person)
            if succeeds { try await guesses.succeeded(place) }
            return result
        } catch let refusal as Refusal {
            note(refusal, attempt, candidate, logger: logger)
            if refusal.isGuess { try await guesses.failed(place) }
            throw refusal
        }
    }

    private func place(_ attempt: Attempt, _ candidate: SignInCandidate) -> SignInGuard.Place {
        let key = SignInGuard.accountKey(
            organization: candidate.organization?.rawValue ?? attempt.organizationKey, userName: attempt.name.guessKey)
        let isKnown =
            candidate.person.map { attempt.origin.device?.isKnown(to: $0.account, key: deviceKey) == true } ?? false
        return SignInGuard.Place(
            account: key, source: attempt.origin.source, device: isKnown ? attempt.origin.device : nil)
    }

    private func note(_ refusal: Refusal, _ attempt: Attempt, _ candidate: SignInCandidate, logger: Logger) {
        // The user name is not logged: people type passwords into the wrong field.
        logger.notice(
            "Sign-in refused",
            metadata: [
                "reason": "\(refusal)", "client.source": "\(attempt.origin.source)",
                "account": "\(candidate.person?.account.rawValue ?? "unknown")",
            ])
    }

    // MARK: Steps

    private func checkNewPassword(_ attempt: Attempt, _ person: SignInPerson) async throws {
        guard person.isOneTimePassword else { return }
        guard let new = attempt.newPassword else { throw Refusal.passwordChangeRequired }
        if let problem = person.passwordRules.problem(new) { throw Refusal.newPassword(problem) }
        if try Password(new).bytes == attempt.password.bytes { throw Refusal.newPassword(.unchanged) }
    }

    private func setNewPassword(_ attempt: Attempt, _ person: SignInPerson) async throws {
        guard person.isOneTimePassword, let new = attempt.newPassword else { return }
        let hash = try await passwords.hasher.hash(try Password(new))
        let actor = AuditActor(name: person.userName, account: person.account, source: attempt.origin.address)
        _ = try await accounts.setPassword(
            of: person.account, in: person.organization, to: hash, kind: .chosen,
            by: Authority(actor: actor, reachesSystem: true))
    }

    private func checkSecondFactor(_ attempt: Attempt, _ person: SignInPerson) async throws {
        let actor = AuditActor(name: person.userName, account: person.account, source: attempt.origin.address)
        if person.hasSecondFactor {
            guard let code = attempt.code else { throw Refusal.secondFactor(.required) }
            guard try await secondFactors.use(code, of: person.account, by: actor) else {
                throw Refusal.secondFactor(.wrong)
            }
        } else if person.needsSecondFactor {
            guard let enrollment = attempt.enrollment, let code = attempt.code else {
                throw Refusal.secondFactor(.setupRequired)
            }
            let (totp, step) = try takeUp(enrollment, code: code, by: person.account)
            _ = try await secondFactors.set(totp, step: step, of: person.account, by: actor)
        }
    }

    private func takeUp(
        _ enrollment: String, code: String, by account: AccountID
    ) throws(Refusal) -> (totp: TOTP, step: Int64) {
        do {
            return try offers.takeUp(enrollment, code: code, by: account)
        } catch {
            throw .secondFactor(error)
        }
    }
}

extension SignIn.Refusal {
    /// Whether somebody may be trying what they do not know.
    var isGuess: Bool {
        switch self {
        case .credentialsWrong, .accountDisabled, .passwordExpired, .secondFactor(.wrong): true
        case .passwordChangeRequired, .newPassword, .secondFactor: false
        }
    }
}
