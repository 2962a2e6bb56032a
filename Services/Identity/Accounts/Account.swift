import Foundation
import ParleyProtocol

/// A person of an organization, as far as sessions and tokens need to know.
struct Account: Hashable, Sendable {
    var id: AccountID
    var organization: Organization
    var userName: String
    var displayName: String
    /// With what the organization allows everybody.
    var permissions: [Permission]
    /// See `AccessClaims.generation`.
    var generation: Int

    var isAdministrator: Bool {
        permissions.contains(.administerOrganization) || permissions.contains(.administerSystem)
    }
}

/// What an administrator sets of an account, checked.
public struct NewAccount: Sendable {
    let userName: String
    let displayName: String
    let email: String?
    let language: Language?
    let permissions: [Permission]
    let isEnabled: Bool

    /// - Throws: the first thing that is wrong.
    public init(_ draft: AccountDraft) throws(InputProblem) {
        userName = try Self.checkedUserName(draft.userName)
        displayName = try NameRules.readable(
            draft.displayName, "The display name", field: "displayName", characters: Limits.displayName)
        email = try draft.email.flatMap { text throws(InputProblem) in try Self.checkedEmail(text) }
        language = draft.language
        permissions = Permission.allCases.filter(draft.permissions.contains)
        isEnabled = draft.isEnabled
    }

    /// With names of permissions as they are typed.
    public init(
        userName: String, displayName: String, email: String? = nil, permissions: [String] = []
    ) throws(InputProblem) {
        let permissions = try Self.permissions(permissions)
        try self.init(
            AccountDraft(userName: userName, displayName: displayName, email: email, permissions: permissions))
    }

    /// - Throws: which one there is not.
    public static func permissions(_ names: [String]) throws(InputProblem) -> [Permission] {
        var known: [Permission] = []
        for name in names {
            guard let permission = Permission(rawValue: name) else {
                let all = Permission.allCases.map(\.rawValue).joined(separator: ", ")
                throw InputProblem(
                    "There is no permission \(name.debugDescription). The permissions are: \(all).",
                    field: FieldProblem("permissions", .notAllowed))
            }
            known.append(permission)
        }
        return known
    }

    /// 1 to 128 characters without control characters. A backslash separates the domain at sign-in, so no name has one.
    private static func checkedUserName(_ written: String) throws(InputProblem) -> String {
        let name = NameRules.tidy(written)
        guard Limits.userName.contains(name.unicodeScalars.count) else {
            throw InputProblem(
                "The user name must have \(Limits.userName.lowerBound) to \(Limits.userName.upperBound) characters.",
                field: FieldProblem("userName", name.isEmpty ? .missing : .tooLong))
        }
        guard !NameRules.hasInvisibleControl(name), !NameRules.isInvisible(name) else {
            throw InputProblem(
                "The user name must not contain control characters.", field: FieldProblem("userName", .badFormat))
        }
        guard !name.contains("\\") else {
            throw InputProblem(
                "The user name must not contain a backslash; give it without the domain.",
                field: FieldProblem("userName", .badFormat))
        }
        return name
    }

    /// One `@` with something on both sides and no space; whether it is anybody's, only a mail can tell.
    /// - Returns: nil for an empty text.
    static func checkedEmail(_ written: String) throws(InputProblem) -> String? {
        let email = NameRules.tidy(written)
        guard !email.isEmpty else { return nil }
        let parts = email.split(separator: "@", omittingEmptySubsequences: false)
        guard Limits.email.contains(email.unicodeScalars.count) else {
            throw InputProblem("The e-mail address is too long.", field: FieldProblem("email", .tooLong))
        }
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), !NameRules.hasInvisibleControl(email),
            !email.contains(where: { $0.isWhitespace || "<>,;\"".contains($0) })
        else {
            throw InputProblem("This is no e-mail address.", field: FieldProblem("email", .badFormat))
        }
        return email
    }
}
