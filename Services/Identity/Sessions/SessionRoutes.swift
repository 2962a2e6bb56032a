import HTTPTypes
import Hummingbird
import ParleyProtocol
import ServiceKit

/// `/api/identity/session`: sign in, who am I, sign out, and the token for the other services.
struct SessionRoutes: Sendable {
    let signIn: SignIn
    let sessions: SessionStore
    let tokens: AccessTokens
    let origin: OriginRule

    func add(to router: Router<ServiceRequestContext>) {
        let group = router.group("/api/identity/session").add(middleware: OriginMiddleware(rule: origin))
        group.post(use: begin)
        group.get(use: show)
        group.delete(use: end)
        group.post("token", use: issueToken)
    }

    @Sendable private func begin(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let body = try await decodeBody(SignInRequest.self, from: request, context: context)
        let attempt = try body.attempt(source: context.source, former: SessionCookie.token(of: request))
        let (session, token) = try await signIn(attempt, logger: context.logger)
        var response = try jsonResponse(session.view, status: .created)
        response.setCookie(SessionCookie.cookie(token, stayLoggedIn: session.stayLoggedIn))
        return response
    }

    @Sendable private func show(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        try jsonResponse(try await session(of: request).view)
    }

    /// Signing out twice is no error: afterwards nobody is signed in.
    @Sendable private func end(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        if let token = SessionCookie.token(of: request) { try await sessions.end(token) }
        var response = emptyResponse()
        response.setCookie(SessionCookie.removed)
        return response
    }

    @Sendable private func issueToken(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        try jsonResponse(try await tokens.issue(for: try await session(of: request)), status: .created)
    }

    private func session(of request: Request) async throws -> Session {
        guard let token = SessionCookie.token(of: request), let session = try await sessions.find(token) else {
            throw ProblemError.unauthenticated
        }
        return session
    }
}
