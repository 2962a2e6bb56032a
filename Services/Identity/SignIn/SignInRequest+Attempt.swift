import Hummingbird
import ParleyProtocol
import ServiceKit

extension SignInRequest {
    /// Longer than any stored name, because a domain may stand before or after it; in Unicode scalars.
    private static let longestUserName = 512
    /// Of a code or an enrollment, in bytes.
    private static let longestCode = 64
    private static let longestEnrollment = 1_024

    /// - Throws: 400 `validation_failed` with everything that can't be right whatever is stored.
    func attempt(from request: Request, context: ServiceRequestContext) throws -> SignIn.Attempt {
        var problems = [
            Self.problem("userName", userName, upTo: Self.longestUserName),
            Self.problem("organization", organization, upTo: Limits.ucsid.upperBound * 2),
            Self.problem("code", code, bytes: Self.longestCode),
            Self.problem("enrollment", enrollment, bytes: Self.longestEnrollment),
        ].compactMap { $0 }
        let checked = try? Password(password)
        if checked == nil { problems.append(FieldProblem("password", password.isEmpty ? .missing : .tooLong)) }
        guard let checked, problems.isEmpty else { throw ProblemError.validation(problems) }
        return SignIn.Attempt(
            name: SignInName(userName), organizationKey: LookupKey.fold(NameRules.tidy(organization)),
            password: checked,
            origin: SignIn.Origin(
                stayLoggedIn: stayLoggedIn, source: context.source, address: context.address,
                former: SessionCookie.token(of: request),
                device: DeviceCookie.device(of: request), agent: UserAgent(request.headers[.userAgent])),
            code: code, newPassword: newPassword, enrollment: enrollment)
    }

    private static func problem(_ field: String, _ typed: String, upTo longest: Int) -> FieldProblem? {
        if NameRules.tidy(typed).isEmpty { return FieldProblem(field, .missing) }
        if typed.unicodeScalars.count > longest { return FieldProblem(field, .tooLong) }
        // A NUL would not reach the database; other control characters are in no name either.
        return NameRules.hasInvisibleControl(NameRules.tidy(typed)) ? FieldProblem(field, .badFormat) : nil
    }

    private static func problem(_ field: String, _ given: String?, bytes longest: Int) -> FieldProblem? {
        guard let given, given.utf8.count > longest else { return nil }
        return FieldProblem(field, .tooLong)
    }
}
