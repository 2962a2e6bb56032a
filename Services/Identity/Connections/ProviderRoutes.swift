import Foundation
import HTTPTypes
import Hummingbird
import Logging
import OpenIDConnect
import ParleyProtocol
import ServiceKit

/// "Sign in with …": the way to an OpenID provider and back. These pages are gone through by browsers, so that what goes wrong
/// is told by the page for signing in.
struct ProviderRoutes: Sendable {
    static let callbackPath = "/api/identity/oidc/callback"
    /// How often one source may begin in a minute, and come back; each asks a provider. An office comes from one address.
    static let visits = 60
    /// How often one source may ask for the ways to sign in in a minute; a page does while somebody types.
    static let questions = 120
    private static let longestNext = 512

    let provider: ProviderSignIn
    let organizations: OrganizationStore
    let signIn: SignIn
    /// Of beginnings and of returns, by source.
    let visits: FixedWindow
    let questions: FixedWindow

    func add(to router: Router<ServiceRequestContext>) {
        router.get("/api/identity/sign-in-options", use: options)
        router.get("/api/identity/oidc/{connection}/begin", use: begin)
        router.get("\(Self.callbackPath)", use: finish)
    }

    /// An organization that there is not has none, as most that there are.
    @Sendable private func options(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let decision = try await questions.hit(context.source)
        guard decision.allowed else { throw ProblemError.tooManyRequests(retryAfter: decision.retryAfter) }
        let handle = try request.queryText("organization") ?? ""
        guard !NameRules.hasInvisibleControl(handle) else {
            throw ProblemError.validation([FieldProblem("organization", .badFormat)])
        }
        guard let organization = try await organizations.find(handle: handle), organization.isEnabled else {
            return try jsonResponse(SignInOptions(connections: []))
        }
        let connections = try await provider.options(of: organization.id)
        return try jsonResponse(
            SignInOptions(
                connections: connections.map { .init(id: $0.id.uuidString.lowercased(), name: $0.name) }))
    }

    @Sendable private func begin(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let next = Self.localPath(request.uri.queryParameters.get("next"))
        guard let id = UUID(text: try context.parameter("connection")) else {
            return Self.failed(.notFound, next: next)
        }
        // Another site that sends a browser here would sign a person in as whoever it likes.
        guard Self.isOwn(request) else { return Self.failed(.originRefused, next: next) }
        let stays = request.uri.queryParameters.get("stayLoggedIn") == "true"
        return await Self.telling(next: next, context) {
            guard try await visits.hit("begin \(context.source)").allowed else {
                return Self.failed(.tooManyRequests, next: next)
            }
            let (url, journey) = try await provider.begin(id, stayLoggedIn: stays, next: next)
            var response = Self.redirect(to: url)
            response.setCookie(JourneyCookie.cookie(journey))
            return response
        }
    }

    @Sendable private func finish(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let parameters = request.uri.queryParameters
        // Before anything is counted: anybody can send a browser here.
        guard let journey = JourneyCookie.text(of: request).flatMap({ provider.journey($0) }),
            let state = parameters.get("state"), journey.attempt.isAnswered(by: state)
        else { return Self.failed(.signInDeclined) }
        var response = await Self.telling(next: journey.next, context) {
            guard try await visits.hit("return \(context.source)").allowed else {
                return Self.failed(.tooManyRequests, next: journey.next)
            }
            guard let code = parameters.get("code") else { throw ProviderSignIn.Failure.declined }
            let arrival = try await provider.finish(journey, code: code, issuer: parameters.get("iss"))
            let success = try await signIn(
                arrival,
                from: SignIn.Origin(
                    stayLoggedIn: journey.stayLoggedIn, source: context.source, address: context.address,
                    former: SessionCookie.token(of: request), device: DeviceCookie.device(of: request),
                    agent: UserAgent(request.headers[.userAgent])),
                logger: context.logger)
            return SessionRoutes.response(to: success, Self.redirect(to: journey.next))
        }
        // It is over, however it ended. What somebody else has sent here does not end it.
        response.setCookie(JourneyCookie.removed)
        return response
    }

    // MARK: Parts

    /// These are pages, so that whatever goes wrong is told by a page.
    private static func telling(
        next: String, _ context: ServiceRequestContext, _ body: () async throws -> Response
    ) async -> Response {
        do {
            return try await body()
        } catch let failure as ProviderSignIn.Failure {
            return failed(failure.code, next: next)
        } catch let refusal as SignIn.Refusal {
            return failed(refusal.problemError.code, next: next)
        } catch {
            context.logger.warning("A sign-in with a provider failed", metadata: ["error": "\(error)"])
            return failed(.signInUnavailable, next: next)
        }
    }

    /// Whether a page of this site, or the person, sends the browser here. Browsers that do not tell are let through (Fetch
    /// Metadata Request Headers, section 2.3).
    private static func isOwn(_ request: Request) -> Bool {
        guard let name = HTTPField.Name("Sec-Fetch-Site"), let site = request.headers[name] else { return true }
        return site == "same-origin" || site == "none"
    }

    /// To the page for signing in, which goes on to where the person wanted to go.
    private static func failed(_ code: ErrorCode, next: String = "/") -> Response {
        let safe = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._~"))
        let more = next == "/" ? nil : next.addingPercentEncoding(withAllowedCharacters: safe)
        return redirect(to: "/sign-in?error=\(code.rawValue)\(more.map { "&next=\($0)" } ?? "")")
    }

    private static func redirect(to url: String) -> Response {
        Response(status: .seeOther, headers: [.location: url, .cacheControl: "no-store"])
    }

    /// A path of this site and nothing that a browser takes for another one.
    static func localPath(_ text: String?) -> String {
        guard let text, text.utf8.count <= longestNext, text.first == "/", !text.hasPrefix("//"), !text.contains("\\"),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return "/" }
        return text
    }
}

extension ProviderSignIn.Failure {
    var code: ErrorCode {
        switch self {
        case .noSuchConnection: .notFound
        case .unavailable: .signInUnavailable
        case .declined: .signInDeclined
        }
    }
}

/// Keeps a sealed `Journey`. A browser that comes back from another site sends it, because that is a navigation.
enum JourneyCookie {
    static let name = "__Host-parley-journey"

    static func text(of request: Request) -> String? { request.cookies[name]?.value }

    static func cookie(_ journey: String) -> Cookie {
        Cookie(
            name: name, value: journey, maxAge: ProviderSignIn.patience, path: "/", secure: true, httpOnly: true,
            sameSite: .lax)
    }

    static var removed: Cookie {
        Cookie(name: name, value: "", maxAge: 0, path: "/", secure: true, httpOnly: true, sameSite: .lax)
    }
}
