import ParleyProtocol
import ServiceKit

/// Tells directory, which gives tickets, who must not come back.
struct BanCalls: Sendable {
    let client: ServiceClient

    /// - Throws: `ServiceCallError`. Nobody was banned then, as far as is known.
    func ban(_ report: BanReport, in room: RoomID) async throws {
        try await client.post("/internal/rooms/\(room)/bans", report)
    }
}
