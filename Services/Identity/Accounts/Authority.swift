import ParleyProtocol

/// Who changes an account, and how far that reaches.
struct Authority: Hashable, Sendable {
    var actor: AuditActor
    /// Whether it reaches system administrators too.
    var reachesSystem: Bool
    /// An operator may leave an organization without an administrator; there is always the command line.
    var isOperator = false

    static let commandLine = Authority(actor: .commandLine, reachesSystem: true, isOperator: true)

    /// Whether permissions may be changed in this way: nobody gives or takes `system.admin` who has not got it.
    func mayChange(_ former: [Permission], to new: [Permission]) -> Bool {
        reachesSystem || !(former + new).contains(.administerSystem)
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
