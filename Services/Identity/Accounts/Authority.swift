import ParleyProtocol

/// Who changes an account, and how far that reaches.
struct Authority: Hashable, Sendable {
    var actor: AuditActor
    /// Whether it reaches system administrators too.
    var reachesSystem: Bool
    /// An operator may leave an organization without an administrator; there is always the command line.
    var isOperator = false
    /// Whether the own password was shown with this very request. Without, nobody gets or loses power.
    var isProven = false

    static let commandLine = Authority(
        actor: .commandLine, reachesSystem: true, isOperator: true, isProven: true)

    /// Whether permissions may be changed in this way: nobody gives or takes `system.admin` who has not got it.
    func mayChange(_ former: [Permission], to new: [Permission]) -> Bool {
        reachesSystem || !(former + new).contains(.administerSystem)
    }
}

extension Authority {
    /// Whether power changes hands without that a password was shown.
    func lacksProof(_ former: [Permission], to new: [Permission]) -> Bool {
        !isProven && Set(former.filter(\.isAdministrative)) != Set(new.filter(\.isAdministrative))
    }
}

extension Permission {
    /// Whether it gives power over other accounts of the organization.
    var isAdministrative: Bool {
        switch self {
        case .administerOrganization, .administerSystem: true
        case .createRooms: false
        }
    }
}
