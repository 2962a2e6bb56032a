import HTTPTypes
import Hummingbird
import NIOCore
import ParleyProtocol
import ServiceKit

/// `GET /api/presence/colleagues?account=`: what is seen of everybody in one's organization, or of these. The organization is that of
/// the access token; nothing in the request can name another.
struct ColleagueRoutes: Sendable {
    /// Of one request, whose first line the gateway takes up to 8 KiB.
    private static let mostAccounts = 150

    let people: People

    func add(to group: RouterGroup<ServiceRequestContext>) {
        group.get("colleagues") { request, context in
            let organization = try context.requireAccount().organization
            let snapshot = try await people.snapshot(of: organization, accounts: try Self.accounts(of: request)).json
            return Response(
                status: .ok, headers: [.contentType: "application/json", .contentLength: String(snapshot.count)],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: snapshot)))
        }
    }

    /// Nothing when everybody is meant.
    private static func accounts(of request: Request) throws(ProblemError) -> [AccountID]? {
        let texts = request.uri.queryParameters.getAll("account")
        guard !texts.isEmpty else { return nil }
        guard texts.count <= mostAccounts else { throw .validation([FieldProblem("account", .tooLong)]) }
        // Who is named twice is told once.
        let accounts = Set(texts.map { AccountID(String($0)) })
        guard accounts.allSatisfy(\.isUUID) else {
            throw .validation([FieldProblem("account", .badFormat)])
        }
        return Array(accounts)
    }
}
