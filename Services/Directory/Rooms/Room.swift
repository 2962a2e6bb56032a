import Foundation
import HTTPTypes
import ParleyProtocol
import ServiceKit

/// A room as it is kept.
struct Room: Sendable {
    var id: RoomID
    var organization: OrganizationID
    var owner: AccountID
    var name: String
    var alias: String
    var description: String
    var color: RoomColor
    /// Encrypted; see `PINVault`.
    var sealedPIN: [UInt8]?
    var createdAt: Date
    var updatedAt: Date
    var lastUsedAt: Date
    var expiresAt: Date
    /// By the database's clock.
    var isExpired: Bool
    var version: Int

    func isOwned(by account: AccessClaims?) -> Bool {
        account?.account == owner && account?.organization == organization
    }

    /// As its owner sees it.
    /// - Throws: `PINVault.Problem`.
    func view(vault: PINVault, occupancy: Int?) throws -> RoomView {
        RoomView(
            id: id, access: .owner, ownerName: "", personal: false, name: name, alias: alias, description: description,
            color: color, pin: try sealedPIN.map { try vault.open($0, room: id) }, options: RoomOptions(),
            locked: false, deputies: [], createdAt: createdAt, updatedAt: updatedAt, lastUsedAt: lastUsedAt,
            expiresAt: expiresAt, age: isExpired ? .expired : .fine, removedInDays: nil, occupancy: occupancy,
            nextAppointment: nil, version: version)
    }
}

/// What an owner has set, checked.
struct RoomContent: Sendable, Equatable {
    var name: String
    /// `nil`: the server makes one, or the room keeps what it has.
    var alias: String?
    var description: String
    /// `nil`: the first of the palette, or the room keeps what it has.
    var color: RoomColor?
    var pin: String?

    /// - Throws: 400 with every field that can't be accepted, and why.
    init(_ draft: RoomDraft) throws(ProblemError) {
        var checks = FieldChecks()
        let name = checks.check("name") { () throws(FieldRefusal) in try TextRules.line(draft.name, Limits.roomName) }
        var alias: String?
        if let text = draft.alias {
            alias = checks.check("alias") { () throws(FieldRefusal) in try RoomAlias.normalized(text) }
        }
        let description = checks.check("description") { () throws(FieldRefusal) in
            try TextRules.lines(draft.description ?? "", Limits.roomDescription)
        }
        let pin = checks.check("pin") { () throws(FieldRefusal) in try RoomPIN.normalized(draft.pin ?? "") }
        guard checks.problems.isEmpty, let name, let description, let pin else { throw .validation(checks.problems) }
        self.name = name
        self.alias = alias
        self.description = description
        self.color = draft.color
        self.pin = pin
    }
}

extension RoomID {
    /// A room's id as it stands in a path; `nil` when it is none.
    init?(path: String) {
        guard let uuid = UUID(uuidString: path) else { return nil }
        self.init(uuid.uuidString.lowercased())
    }

    static func random() -> RoomID {
        RoomID(UUID().uuidString.lowercased())
    }
}
