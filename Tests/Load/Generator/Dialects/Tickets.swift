import Foundation
import ParleyProtocol
import ServiceKit

/// Tickets as the directory makes them. They are good for a minute, so they are made shortly before they are needed.
enum Tickets {
    static func make(for people: [Person], secretFile: String) async throws -> [String] {
        let text = try String(contentsOfFile: secretFile, encoding: .utf8)
        let tokens = TicketTokens(clusterSecret: Array(text.trimmingCharacters(in: .whitespacesAndNewlines).utf8))
        let organization = OrganizationID(UUID().uuidString.lowercased())
        var tickets: [String] = []
        for person in people {
            let claims = TicketClaims(
                id: UUID().uuidString.lowercased(), room: RoomID(person.roomName), organization: organization,
                roomName: "Load", roomAlias: "load", role: .participant, displayName: person.name)
            tickets.append(try await tokens.issue(claims).token)
        }
        return tickets
    }
}
