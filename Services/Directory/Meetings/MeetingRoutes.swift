import HTTPTypes
import Hummingbird
import NIOCore
import ParleyProtocol
import ServiceKit

/// The history of a room's meetings: reported by signaling, read by those who manage the room.
struct MeetingRoutes: Sendable {
    private static let page = 1...100

    let rooms: RoomStore
    let meetings: MeetingStore

    func add(to group: RouterGroup<ServiceRequestContext>) {
        group.get("rooms/{room}/meetings") { try await list($0, $1) }
        group.get("rooms/{room}/meetings/{meeting}/attendance") { try await attendance($0, $1) }
    }

    /// For signaling only.
    func addInternal(to group: RouterGroup<ServiceRequestContext>) {
        group.post("rooms/{room}/attendance") { try await report($0, $1) }
    }

    private func list(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let account = try context.requireAccount()
        let limit = try request.queryInt("limit", in: Self.page, default: 50)
        var cursor: MeetingCursor?
        if let text = try request.queryText("cursor") {
            guard let parsed = MeetingCursor(text) else {
                throw ProblemError.validation([.init("cursor", .badFormat)])
            }
            cursor = parsed
        }
        let room = try await rooms.managed(context, by: account)
        return try jsonResponse(try await meetings.page(of: room.id, after: cursor, limit: limit))
    }

    private func attendance(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let account = try context.requireAccount()
        let language = try language(request)
        let isTable = try isTable(request)
        let room = try await rooms.managed(context, by: account)
        // A deputy manages the room, and still is not the one whose guests these were.
        guard room.isOwned(by: account) else { throw ProblemError.forbidden }
        guard let meeting = MeetingID(path: try context.parameter("meeting")),
            let attendance = try await meetings.attendance(of: meeting, in: room.id)
        else { throw ProblemError.notFound }
        guard isTable else { return try jsonResponse(attendance) }
        let table = AttendanceTable(attendance, roomName: room.name, language: language)
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/csv; charset=utf-8", .contentDisposition: table.attachment,
                .cacheControl: "no-store",
            ], body: ResponseBody(byteBuffer: ByteBuffer(string: table.csv)))
    }

    private func isTable(_ request: Request) throws -> Bool {
        switch try request.queryText("format") {
        case nil: request.headers[.accept]?.lowercased().contains("text/csv") == true
        case "csv": true
        case "json": false
        default: throw ProblemError.validation([.init("format", .badFormat)])
        }
    }

    private func language(_ request: Request) throws -> AttendanceTable.Language {
        guard let text = try request.queryText("language") else { return .en }
        guard let language = AttendanceTable.Language(rawValue: text) else {
            throw ProblemError.validation([.init("language", .badFormat)])
        }
        return language
    }

    private func report(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        try context.requireCaller(.signaling)
        let news = try MeetingNews(try await decodeBody(AttendanceReport.self, from: request, context: context))
        guard let room = RoomID(path: try context.parameter("room")) else { throw ProblemError.noSuchRoom }
        if !news.present.isEmpty {
            guard try await rooms.touch(room) else { throw ProblemError.noSuchRoom }
        }
        guard try await meetings.record(news, in: room) else { throw ProblemError.noSuchRoom }
        return emptyResponse()
    }
}
