import HTTPTypes
import ParleyProtocol
import ServiceKit

/// Asks somebody who is signed in for the password once more, before they change how they sign in. Guesses count as those of a
/// sign-in at a known browser.
struct Reauthenticator: Sendable {
    let passwords: PasswordSignIn
    let secondFactors: SecondFactorStore
    let guesses: SignInGuard
    let store: SignInStore

    /// - Parameters:
    ///   - field: what the password is called in the request.
    ///   - needsCode: whether the second factor is asked for, too, when there is one.
    /// - Throws: `SignIn.Refusal`, `SignInGuard.TooMany`, or 409 `kept_elsewhere` when there is no password here.
    func callAsFunction(
        _ password: String, field: String = "password", code: String? = nil, needsCode: Bool = false, session: Session,
        context: ServiceRequestContext
    ) async throws -> SignInPerson {
        guard let typed = try? Password(password) else {
            throw ProblemError.validation([FieldProblem(field, password.isEmpty ? .missing : .tooLong)])
        }
        guard let person = try await store.find(session.account.id) else { throw ProblemError.unauthenticated }
        guard person.origin != .openIDConnect else { throw ProblemError.keptElsewhere }
        let place = SignInGuard.Place(account: "session \(session.id)", source: context.source, device: nil)
        try await guesses.admit(place)
        do {
            guard try await passwords.isRight(typed, of: session.account.id) else {
                throw SignIn.Refusal.credentialsWrong
            }
            if needsCode && person.hasSecondFactor {
                guard let code else { throw SignIn.Refusal.secondFactor(.required) }
                guard try await secondFactors.use(code, of: person.account, by: session.actor(context)) else {
                    throw SignIn.Refusal.secondFactor(.wrong)
                }
            }
        } catch let refusal as SignIn.Refusal {
            if refusal.isGuess { try await guesses.failed(place) }
            throw refusal
        }
        try await guesses.succeeded(place)
        return person
    }
}

extension ProblemError {
    static let keptElsewhere = ProblemError(
        .conflict, .keptElsewhere, "Name and password of this account are kept in your organization's directory.")
}
