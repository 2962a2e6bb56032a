import HTTPTypes
import ParleyProtocol
import ServiceKit

// What a refused sign-in is over HTTP.

extension SignIn.Refusal: ProblemConvertible {
    var problemError: ProblemError {
        switch self {
        case .credentialsWrong:
            ProblemError(
                .unauthorized, .credentialsWrong, "The user name, the password or the organization is wrong.")
        case .accountDisabled:
            ProblemError(.forbidden, .accountDisabled, "This account is disabled. Ask your administrator.")
        case .passwordExpired:
            ProblemError(
                .forbidden, .passwordExpired, "This one-time password has expired. Ask your administrator for another.")
        case .passwordChangeRequired(let minimum):
            ProblemError(
                .forbidden, .passwordChangeRequired, "Choose a password of your own first.",
                fields: [FieldProblem("newPassword", .missing, minimum: minimum)])
        case .newPassword(let reason):
            .validation([FieldProblem("newPassword", reason)])
        case .secondFactor(let problem):
            problem.problemError
        }
    }
}

extension SecondFactorProblem: ProblemConvertible {
    var problemError: ProblemError {
        switch self {
        case .required:
            ProblemError(.forbidden, .secondFactorRequired, "Give the code of your authenticator, too.")
        case .wrong:
            ProblemError(.forbidden, .secondFactorWrong, "The code is wrong or was used before.")
        case .unconfirmed:
            ProblemError(
                .forbidden, .secondFactorUnconfirmed,
                "A second factor is needed, and the provider has not confirmed one. Sign in with your password and a code."
            )
        case .setupRequired:
            ProblemError(
                .forbidden, .secondFactorSetupRequired, "Your organization demands a second factor. Set one up first.")
        case .enrollmentInvalid:
            ProblemError(
                .conflict, .enrollmentInvalid, "This set-up is too old. Begin it again.")
        }
    }
}

extension SignInGuard.TooMany: ProblemConvertible {
    var problemError: ProblemError { .tooManyRequests(retryAfter: retryAfter) }
}

extension PasswordHasher.Busy: ProblemConvertible {
    var problemError: ProblemError { .unavailable("Too many people sign in at this moment.", retryAfter: 5) }
}
