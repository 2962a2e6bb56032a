import Foundation
import ParleyProtocol

/// Who does something to accounts and organizations.
struct AuditActor: Hashable, Sendable {
    /// The user name.
    var name: String
    /// Nothing for an operator.
    var account: AccountID?
    /// The address it is done from.
    var source: String

    /// Whoever runs the subcommands.
    static let commandLine = AuditActor(name: "operator", account: nil, source: "command line")
    /// A directory or provider that tells of an account.
    static let signIn = AuditActor(name: "sign-in", account: nil, source: "directory")
}

/// Actions are added, never renamed.
enum AuditAction: String, CaseIterable, Sendable {
    case organizationAdded = "organization.added"
    case organizationChanged = "organization.changed"
    case organizationEnabled = "organization.enabled"
    case organizationDisabled = "organization.disabled"
    case accountAdded = "account.added"
    case accountChanged = "account.changed"
    case accountEnabled = "account.enabled"
    case accountDisabled = "account.disabled"
    case accountDeleted = "account.deleted"
    case accountExported = "account.exported"
    case accountLinked = "account.linked"
    case passwordChanged = "account.password_changed"
    case oneTimePassword = "account.one_time_password"
    case secondFactorSet = "account.second_factor_set"
    case secondFactorRemoved = "account.second_factor_removed"
    case recoveryCodesMade = "account.recovery_codes_made"
    case recoveryCodeUsed = "account.recovery_code_used"
    case sessionsEnded = "account.sessions_ended"
    case connectionAdded = "connection.added"
    case connectionChanged = "connection.changed"
    case connectionDeleted = "connection.deleted"
}

/// One thing that was done. It never holds a secret.
struct AuditEntry: Sendable {
    var action: AuditAction
    var actor: AuditActor
    var organization: OrganizationID
    /// The name of what it was done to.
    var subject: String
    var subjectAccount: AccountID?
    var detail: [String: String] = [:]
}
