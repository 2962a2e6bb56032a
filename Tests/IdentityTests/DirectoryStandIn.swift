import Foundation
import Hummingbird
import HummingbirdTesting
import ParleyProtocol
import ServiceKit

/// What identity asks directory: the records of an account, one a page.
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
        .get("accounts/{account}/appointments") { request, _ in
            let isFirst = request.uri.queryParameters.get("after") == nil
            let record = rooms.first.map { appointment(AppointmentID(isFirst ? "one" : "two"), in: $0) }
            return try jsonResponse(
                AppointmentRecords(
                    appointments: record.map { [$0] } ?? [], next: isFirst ? record?.id : nil))
        }
        .get("accounts/{account}/attendance") { request, _ in
            let isFirst = request.uri.queryParameters.get("after") == nil
            let record = rooms.first.map { _ in
                AttendanceRecord(name: isFirst ? "first" : "second", joinedAt: .distantPast)
            }
            return try jsonResponse(
                AttendanceRecords(
                    attendance: record.map { [$0] } ?? [], next: isFirst && record != nil ? "on" : nil))
        }
    let application = Application(
        router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)), logger: IdentityBench.logger)
    try await application.test(.live) { client in try await body("http://127.0.0.1:\(client.port ?? 1)") }
}

private func appointment(_ id: AppointmentID, in room: RoomID) -> AppointmentRecord {
    AppointmentRecord(
        id: id, room: room, title: "Weekly", start: "2027-03-02T11:00", end: "2027-03-02T12:00",
        timeZone: "Europe/Berlin",
        frequency: "weekly", invitees: ["grace@example.org"], createdAt: .distantPast)
}

private func record(_ id: RoomID) -> RoomRecord {
    RoomRecord(
        id: id, name: "Weekly", alias: "weekly", description: "", color: .blue, hasPIN: true, createdAt: .distantPast,
        updatedAt: .distantPast, lastUsedAt: .distantPast)
}
