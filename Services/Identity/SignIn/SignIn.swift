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
        case passwordChangeRequired(minimum: Int)
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
        /// Of a second factor that was set up on the way in.
        var recoveryCodes: [String]?
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
        try await guarded(attempt, logger: logger) { recognized in
            let person = recognized.person
            // Before anything is used up: hashing may find no place.
            let newPassword = try await newPassword(attempt, recognized)
            let recoveryCodes = try await checkSecondFactor(attempt, person)
            let generation = try await set(newPassword, attempt, recognized)
            var success = try await begin(
                attempt.origin, person.account, password: generation,
                withoutSecondFactor: !person.hasSecondFactor && recoveryCodes == nil, logger: logger)
            success.recoveryCodes = recoveryCodes
            return success
        }
    }

    /// A second factor for somebody who must have one and has none; it needs the password only.
    func offer(_ attempt: Attempt, logger: Logger) async throws -> SecondFactorOffer {
        try await guarded(attempt, succeeds: false, logger: logger) { recognized in
            // Who has one shows it, and changes it in the profile.
            guard !recognized.person.hasSecondFactor else { throw Refusal.secondFactor(.required) }
            return try offers.offer(to: recognized.person)
        }
    }

    /// For somebody whom a provider knows. It is asked for no code here, so that one must have been asked for there.
    /// - Throws: `Refusal`, or the error of a store.
    func callAsFunction(
        _ arrival: ProviderSignIn.Arrival, from origin: Origin, logger: Logger
    ) async throws -> Success {
        guard let person = try await store.find(arrival.account) else { throw Refusal.accountDisabled }
        guard arrival.hasSeveralFactors || !(person.hasSecondFactor || person.needsSecondFactor) else {
            throw Refusal.secondFactor(.unconfirmed)
        }
        return try await begin(origin, arrival.account, logger: logger)
    }

    /// Begins a session for somebody who has been recognized, whatever the way.
    /// - Parameter generation: of the password that was right, if it was one of Parley's own.
    /// - Throws: `Refusal` when the account was disabled, or got another password, in the meantime.
    private func begin(
        _ origin: Origin, _ account: AccountID, password generation: Int? = nil, withoutSecondFactor: Bool = false,
        logger: Logger
    ) async throws -> Success {
        let token = SessionToken()
        let beginning = SessionStore.Beginning(
            account: account, stayLoggedIn: origin.stayLoggedIn, agent: origin.agent, source: origin.address,
            former: origin.former, passwordGeneration: generation, withoutSecondFactor: withoutSecondFactor)
        let session: Session
        switch try await sessions.begin(token, beginning) {
        case .begun(let begun): session = begun
        case .disabled: throw Refusal.accountDisabled
        case .otherPassword: throw Refusal.credentialsWrong
        case .secondFactorNeeded: throw Refusal.secondFactor(.required)
        }
        var device = origin.device ?? KnownDevice()
        device.note(account, key: deviceKey)
        logger.info("Signed in", metadata: ["account": "\(account)", "session": "\(session.id)"])
        return Success(session: session, token: token, device: device)
    }

    /// Counts the attempt, finds out who it is, and goes on with `body`.
    /// - Parameter succeeds: whether `body` ends in a session, after which earlier failures are forgotten.
    private func guarded<Result>(
        _ attempt: Attempt, succeeds: Bool = true, logger: Logger,
        _ body: (PasswordSignIn.Recognized) async throws -> Result
    ) async throws -> Result {
        let candidate = try await store.find(attempt.name, organizationKey: attempt.organizationKey)
        let place = place(attempt, candidate)
        try await guesses.admit(place)
        do {
            let recognized = try await passwords(attempt.name, password: attempt.password, candidate: candidate)
            guard let recognized else { throw Refusal.credentialsWrong }
            guard recognized.person.isEnabled else { throw Refusal.accountDisabled }
            guard recognized.place == .directory || !recognized.person.isPasswordExpired else {
                throw Refusal.passwordExpired
            }
            let result = try await body(recognized)
            if succeeds { try await guesses.succeeded(place) }
            return result
        } catch let refusal as Refusal {
            note(refusal, attempt, candidate, logger: logger)
            if refusal.isGuess { try await guesses.failed(place) }
            throw refusal
        } catch let error as DirectorySignIn.Unavailable {
            // The password was not that of a local account: who goes through many of them is not to do so uncounted.
            try await guesses.failed(place, isUnsure: true)
            throw error
        }
    }

    private func place(_ attempt: Attempt, _ candidate: SignInCandidate) -> SignInGuard.Place {
        let key = SignInGuard.accountKey(
            organization: candidate.organization?.rawValue ?? attempt.organizationKey, userName: attempt.name.guessKey,
            generation: candidate.person?.passwordGeneration ?? 0)
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

    /// - Returns: nothing when there is none to be set.
    private func newPassword(
        _ attempt: Attempt, _ recognized: PasswordSignIn.Recognized
    ) async throws -> PasswordHash? {
        let person = recognized.person
        guard recognized.mustChangePassword else { return nil }
        guard let new = attempt.newPassword else {
            throw Refusal.passwordChangeRequired(minimum: person.passwordMinimum)
        }
        if let problem = person.passwordRules.problem(new) { throw Refusal.newPassword(problem) }
        let password = try Password(new)
        if password.bytes == attempt.password.bytes { throw Refusal.newPassword(.unchanged) }
        return try await passwords.hasher.hash(password)
    }

    /// - Returns: the generation of the password that opens the session; nothing when it is a directory's.
    private func set(
        _ hash: PasswordHash?, _ attempt: Attempt, _ recognized: PasswordSignIn.Recognized
    ) async throws -> Int? {
        let person = recognized.person
        guard recognized.place == .account else { return nil }
        guard let hash else { return person.passwordGeneration }
        let actor = AuditActor(name: person.userName, account: person.account, source: attempt.origin.address)
        let change = try await accounts.setPassword(
            of: person.account, in: person.organization, to: hash, kind: .chosen,
            replacing: person.passwordGeneration, by: Authority(actor: actor, reachesSystem: true))
        switch change {
        case .done: return person.passwordGeneration + 1
        // It opens the account once: somebody else was first, or an administrator has made another one.
        case .otherVersion, .noSuchAccount, .notAllowed, .lastAdministrator, .passwordNeeded:
            throw Refusal.credentialsWrong
        }
    }

    /// - Returns: recovery codes, if it was set up here.
    private func checkSecondFactor(_ attempt: Attempt, _ person: SignInPerson) async throws -> [String]? {
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
            return try await takeUp(enrollment, code: code, by: person.account, actor)
        }
        return nil
    }

    private func takeUp(
        _ enrollment: String, code: String, by account: AccountID, _ actor: AuditActor
    ) async throws -> [String] {
        do {
            let acceptance = try offers.takeUp(enrollment, code: code, by: account)
            return try await secondFactors.set(acceptance, of: account, by: actor).recoveryCodes
        } catch let problem as SecondFactorProblem {
            throw Refusal.secondFactor(problem)
        }
    }
}

extension PasswordSignIn.Recognized {
    /// A one-time password opens the account for setting another one only.
    fileprivate var mustChangePassword: Bool { place == .account && person.isOneTimePassword }
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
