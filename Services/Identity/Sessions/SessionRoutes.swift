import HTTPTypes
import Hummingbird
import ParleyProtocol
import ServiceKit

/// `/api/identity/session`: sign in, who am I, sign out, and the token for the other services. A browser shows its cookie.
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
        group.post("second-factor", use: offer)
    }

    @Sendable private func begin(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let body = try await decodeBody(SignInRequest.self, from: request, context: context)
        let success = try await signIn(try body.attempt(from: request, context: context), logger: context.logger)
        var view = success.session.view
        view.recoveryCodes = success.recoveryCodes
        return try Self.response(to: success, jsonResponse(view, status: .created))
    }

    /// With the cookies of a session that has begun.
    static func response(to success: SignIn.Success, _ response: Response) -> Response {
        var response = response
        response.setCookie(SessionCookie.cookie(success.token, stayLoggedIn: success.session.stayLoggedIn))
        response.setCookie(DeviceCookie.cookie(success.device))
        return response
    }

    @Sendable private func offer(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let body = try await decodeBody(SignInRequest.self, from: request, context: context)
        let attempt = try body.attempt(from: request, context: context)
        return try jsonResponse(try await signIn.offer(attempt, logger: context.logger), status: .created)
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
        let session = try await session(of: request)
        try await sessions.noteUse(of: session.id)
        return try jsonResponse(try await tokens.issue(for: session), status: .created)
    }

    private func session(of request: Request) async throws -> Session {
        guard let token = SessionCookie.token(of: request), let session = try await sessions.find(token) else {
            throw ProblemError.unauthenticated
        }
        return session
    }
}
