import Foundation
import Hummingbird
import HummingbirdTesting
import ParleyProtocol
import ServiceKit

/// What identity asks directory: the records of an account's rooms, one a page.
func withDirectory(_ rooms: [RoomID] = [], _ body: @escaping @Sendable (_ url: String) async throws -> Void)
    async throws
{
    let router = Router(context: ServiceRequestContext.self)
    let tokens = ServiceTokens(clusterSecret: IdentityBench.clusterSecret)
    router.group("internal").add(middleware: ServiceAuthMiddleware(audience: .directory, tokens: tokens))
        .get("accounts/{account}/rooms") { request, context in
            try context.requireCaller(.identity)
            let after = request.uri.queryParameters.get("after").map { RoomID(String($0)) }
            let rest = after.map { after in Array(rooms.drop { $0 != after }.dropFirst()) } ?? rooms
            return try jsonResponse(
                RoomRecords(rooms: rest.prefix(1).map(record), next: rest.count > 1 ? rest.first : nil))
        }
    let application = Application(
        router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)), logger: IdentityBench.logger)
    try await application.test(.live) { client in try await body("http://127.0.0.1:\(client.port ?? 1)") }
}

private func record(_ id: RoomID) -> RoomRecord {
    RoomRecord(
        id: id, name: "Weekly", alias: "weekly", description: "", color: .blue, hasPIN: true, createdAt: .distantPast,
        updatedAt: .distantPast, lastUsedAt: .distantPast)
}
