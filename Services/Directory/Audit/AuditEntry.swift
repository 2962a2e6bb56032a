import ParleyProtocol

/// Actions are added, never renamed.
enum AuditAction: String, CaseIterable, Sendable {
    case roomCreated = "room.created"
    case roomChanged = "room.changed"
    case roomDeleted = "room.deleted"
    case roomRenewed = "room.renewed"
    /// By the service: it was unused for so long, or its owner's account was deleted.
    case roomRemoved = "room.removed"
    case roomLocked = "room.locked"
    case roomUnlocked = "room.unlocked"
    case pinChanged = "room.pin_changed"
    case deputiesChanged = "room.deputies_changed"
    case personBanned = "room.person_banned"
    case banLifted = "room.ban_lifted"
}

/// Who does something to rooms.
struct AuditActor: Hashable, Sendable {
    /// The display name.
    var name: String
    /// Nothing for a guest and for the service itself.
    var account: AccountID?
    /// The address it is done from.
    var source: String

    /// The service, because time has passed.
    static let age = AuditActor(name: "age", account: nil, source: "directory")
    /// The service, because the owner's account was deleted.
    static let formerOwner = AuditActor(name: "former owner", account: nil, source: "directory")
}

/// One thing that was done to a room. It never holds a secret.
struct AuditEntry: Sendable {
    var action: AuditAction
    var actor: AuditActor
    var organization: OrganizationID
    var room: RoomID
    var roomName: String
    var detail: [String: String] = [:]
}
