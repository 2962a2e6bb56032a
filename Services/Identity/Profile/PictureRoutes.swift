import HTTPTypes
import Hummingbird
import NIOCore
import ParleyProtocol
import ServiceKit

/// `GET /api/identity/accounts/{account}/picture`: for colleagues. A picture in a page can show no token, so that the
/// session's cookie is enough here.
struct PictureRoutes: Sendable {
    let callers: Callers
    let sessions: SessionStore
    let pictures: PictureStore

    func add(to router: Router<ServiceRequestContext>) {
        router.get("/api/identity/accounts/{account}/picture", use: show)
    }

    @Sendable private func show(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let session = try await session(request, context)
        let account = try AccountID.of(context)
        guard let picture = try await pictures.find(account, in: session.account.organization.id) else {
            throw ProblemError.notFound
        }
        return Response(
            status: .ok,
            headers: [
                .contentType: picture.type, .contentLength: String(picture.bytes.count),
                .cacheControl: "private, max-age=300",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: picture.bytes)))
    }

    private func session(_ request: Request, _ context: ServiceRequestContext) async throws -> Session {
        if context.account != nil { return try await callers.session(context) }
        guard let token = SessionCookie.token(of: request), let session = try await sessions.find(token) else {
            throw ProblemError.unauthenticated
        }
        return session
    }
}
