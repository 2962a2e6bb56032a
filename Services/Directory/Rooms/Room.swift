import Foundation
import ParleyProtocol
import ServiceKit

/// A room as it is kept.
struct Room: Sendable {
    var id: RoomID
    var organization: OrganizationID
    var owner: AccountID
    var ownerName: String
    var isPersonal: Bool
    var name: String
    var alias: String
    /// Whether the alias was made here, of chance: who has it was given the link.
    var hasSecretAlias: Bool
    var description: String
    var color: RoomColor
    /// It has one that a newer release has given it.
    var hasUnknownColor: Bool
    /// Encrypted; see `PINVault`.
    var sealedPIN: [UInt8]?
    var storedOptions: StoredOptions
    var isLocked: Bool
    var policyVersion: Int
    var lockVersion: Int
    var deputies: [AccountID]
    var createdAt: Date
    var updatedAt: Date
    var lastUsedAt: Date
    var expiresAt: Date
    /// By the database's clock.
    var age: RoomAge
    /// Days for which it has been seen expired; nothing while it is not, or has not been seen so.
    var expiredDays: Int?
    var version: Int
    /// Its organization is disabled: for everybody it is as if there were no such room.
    var isClosed: Bool

    func isOwned(by account: AccessClaims?) -> Bool {
        account?.account == owner && account?.organization == organization
    }

    /// The owner and the deputies manage and moderate a room.
    func isManaged(by account: AccessClaims?) -> Bool {
        guard let account, account.organization == organization else { return false }
        return account.account == owner || deputies.contains(account.account)
    }

    var options: RoomOptions { storedOptions.options }

    /// What of it a newer release has written and this one does not understand.
    var unknownFields: [String] {
        storedOptions.unknown.map { "options.\($0.rawValue)" }.sorted() + (hasUnknownColor ? ["color"] : [])
    }

    var policy: RoomPolicy {
        RoomPolicy(options: options, locked: isLocked, version: policyVersion, lockVersion: lockVersion)
    }

    /// What is known of it elsewhere, at the moment.
    struct Surroundings: Sendable {
        /// Nothing when signaling can't be asked.
        var occupancy: Int?
        var next: Occurrence?
    }

    /// As those see it who manage it.
    func view(
        for account: AccessClaims, vault: PINVault, graceDays: Int, _ surroundings: Surroundings
    ) -> RoomView {
        RoomView(
            id: id, access: isOwned(by: account) ? .owner : .deputy, ownerName: ownerName, personal: isPersonal,
            name: name, alias: alias, description: description, color: color,
            pin: vault.readablePIN(of: self), options: options, locked: isLocked,
            deputies: deputies, createdAt: createdAt, updatedAt: updatedAt, lastUsedAt: lastUsedAt,
            expiresAt: expiresAt, age: age,
            removedInDays: age == .expired ? max(0, graceDays - (expiredDays ?? 0)) : nil,
            occupancy: surroundings.occupancy, nextAppointment: surroundings.next, version: version)
    }
}

/// What somebody who manages a room has set, checked.
struct RoomContent: Sendable, Equatable {
    var name: String
    /// `nil`: the server makes one, or the room keeps what it has.
    var alias: String?
    var description: String
    /// `nil`: the first of the palette, or the room keeps what it has.
    var color: RoomColor?
    var pin: String?
    /// `nil`: the usual ones, or the room keeps what it has.
    var options: RoomOptions?

    /// - Throws: 400 with every field that can't be accepted, and why.
    init(_ draft: RoomDraft) throws(ProblemError) {
        var checks = FieldChecks()
        let name = checks.check("name") { () throws(FieldRefusal) in try ReadableText.line(draft.name, Limits.roomName)
        }
        var alias: String?
        if let text = draft.alias {
            alias = checks.check("alias") { () throws(FieldRefusal) in try RoomAlias.normalized(text) }
        }
        let description = checks.check("description") { () throws(FieldRefusal) in
            try ReadableText.lines(draft.description ?? "", Limits.roomDescription)
        }
        let pin = checks.check("pin") { () throws(FieldRefusal) in try RoomPIN.normalized(draft.pin ?? "") }
        guard checks.problems.isEmpty, let name, let description, let pin else { throw .validation(checks.problems) }
        self.name = name
        self.alias = alias
        self.description = description
        self.color = draft.color
        self.pin = pin
        options = draft.options
    }

    /// The room that each organizer has from the beginning.
    init(personalRoomOf name: String) {
        self.name = name
        description = ""
        color = .purple
    }
}

extension RoomID {
    /// A room's id as it stands in a path; `nil` when it is none.
    init?(path: String) {
        guard let uuid = UUID(text: path) else { return nil }
        self.init(uuid.uuidString.lowercased())
    }

    static func random() -> RoomID {
        RoomID(UUID().uuidString.lowercased())
    }
}
