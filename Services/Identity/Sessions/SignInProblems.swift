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
        }
    }
}

extension SignInGuard.TooMany: ProblemConvertible {
    var problemError: ProblemError { .tooManyRequests(retryAfter: retryAfter) }
}

extension PasswordHasher.Busy: ProblemConvertible {
    var problemError: ProblemError { .unavailable("Too many people sign in at this moment.", retryAfter: 5) }
}
