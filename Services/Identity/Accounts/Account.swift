import Foundation
import ParleyProtocol

/// A person of an organization.
struct Account: Hashable, Sendable {
    var id: AccountID
    var organization: Organization
    var userName: String
    var displayName: String
    var permissions: [Permission]
}

/// What is needed to add an account, checked; the password is not among it.
public struct NewAccount: Sendable {
    let userName: String
    let displayName: String
    let permissions: [Permission]

    /// - Throws: the first thing that is wrong.
    public init(userName: String, displayName: String, permissions: [String]) throws(InputProblem) {
        self.userName = try Self.checkedUserName(userName)
        self.displayName = try NameRules.readable(
            displayName, "The display name", characters: Limits.displayName)
        var known: [Permission] = []
        for name in permissions {
            guard let permission = Permission(rawValue: name) else {
                let all = Permission.allCases.map(\.rawValue).joined(separator: ", ")
                throw InputProblem("There is no permission \(name.debugDescription). The permissions are: \(all).")
            }
            if !known.contains(permission) { known.append(permission) }
        }
        self.permissions = known
    }

    /// 1 to 128 characters without control characters. A backslash separates the domain at sign-in, so no name has one.
    private static func checkedUserName(_ written: String) throws(InputProblem) -> String {
        let name = NameRules.tidy(written)
        guard Limits.userName.contains(name.unicodeScalars.count) else {
            throw InputProblem(
                "The user name must have \(Limits.userName.lowerBound) to \(Limits.userName.upperBound) characters.")
        }
        guard !NameRules.hasInvisibleControl(name) else {
            throw InputProblem("The user name must not contain control characters.")
        }
        guard !name.contains("\\") else {
            throw InputProblem("The user name must not contain a backslash; give it without the domain.")
        }
        return name
    }
}

/// The user name as typed at sign-in: `user`, `DOMAIN\user` or `user@domain`.
struct SignInName: Hashable, Sendable {
    /// Keys of the account that is meant, the most literal first: a user name may itself be stored with an `@`.
    let candidates: [String]

    init(_ typed: String) {
        var rest = Substring(NameRules.tidy(typed))
        if let backslash = rest.lastIndex(of: "\\") { rest = rest[rest.index(after: backslash)...] }
        var candidates = [LookupKey.fold(String(rest))]
        if let at = rest.lastIndex(of: "@"), at != rest.startIndex {
            candidates.append(LookupKey.fold(String(rest[..<at])))
        }
        self.candidates = candidates
    }

    /// Under which guesses are counted: the same for every way to write one user.
    var guessKey: String { candidates.last ?? "" }
}
