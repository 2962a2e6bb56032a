import ParleyProtocol
import ServiceKit

extension SignInRequest {
    /// Longer than any stored name, because a domain may stand before or after it; in Unicode scalars.
    private static let longestUserName = 512

    /// - Throws: 400 `validation_failed` with everything that can't be right whatever is stored.
    func attempt(source: String, former: SessionToken?) throws -> SignIn.Attempt {
        var problems = [
            Self.problem("userName", userName, upTo: Self.longestUserName),
            Self.problem("organization", organization, upTo: Limits.ucsid.upperBound * 2),
        ].compactMap { $0 }
        let checked = try? Password(password)
        if checked == nil { problems.append(FieldProblem("password", password.isEmpty ? .missing : .tooLong)) }
        guard let checked, problems.isEmpty else { throw ProblemError.validation(problems) }
        return SignIn.Attempt(
            name: SignInName(userName), organizationKey: LookupKey.fold(NameRules.tidy(organization)),
            password: checked, stayLoggedIn: stayLoggedIn, source: source, former: former)
    }

    private static func problem(_ field: String, _ typed: String, upTo longest: Int) -> FieldProblem? {
        if NameRules.tidy(typed).isEmpty { return FieldProblem(field, .missing) }
        if typed.unicodeScalars.count > longest { return FieldProblem(field, .tooLong) }
        // A NUL would not reach the database; other control characters are in no name either.
        return NameRules.hasInvisibleControl(NameRules.tidy(typed)) ? FieldProblem(field, .badFormat) : nil
    }
}
