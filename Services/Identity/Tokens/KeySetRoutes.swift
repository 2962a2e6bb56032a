import HTTPTypes
import Hummingbird
import ServiceKit

/// The public keys (RFC 7517): `/api/identity/jwks.json` for everybody, `/jwks.json` on the inner listener.
struct KeySetRoutes: Sendable {
    let tokens: AccessTokens

    func addPublic(to router: Router<ServiceRequestContext>) {
        router.get("/api/identity/jwks.json", use: show)
    }

    func addInner(to router: Router<ServiceRequestContext>) {
        router.get("/jwks.json", use: show)
    }

    @Sendable private func show(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        // As long as the other services keep them.
        try jsonResponse(try tokens.published(), headers: [.cacheControl: "public, max-age=300"])
    }
}
