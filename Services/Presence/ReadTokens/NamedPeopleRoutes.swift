import Hummingbird
import ParleyProtocol
import Redis
import ServiceKit

/// `GET /api/presence/people` and `…/{account}`: what a telephone system reads, with a read token as `Authorization: Bearer`.
///
/// To be added to the router before the middleware that takes every bearer token for an access token.
struct NamedPeopleRoutes: Sendable {
    /// How often a token may be used in a minute.
    static let perMinute = 60

    let tokens: ReadTokenStore
    let people: NamedPeople
    /// Requests, by token.
    let requests: FixedWindow

    static func requests(redis: RedisClient, keyPrefix: String) -> FixedWindow {
        FixedWindow(
            redis: redis, name: "read-token", limit: perMinute, window: .seconds(60), keyPrefix: keyPrefix)
    }

    func add(to router: Router<ServiceRequestContext>) {
        router.get("/api/presence/people", use: everybody)
        router.get("/api/presence/people/{account}", use: person)
    }

    @Sendable private func everybody(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let reader = try await reader(request)
        return try jsonResponse(try await people.everybody(of: reader.organization))
    }

    @Sendable private func person(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let reader = try await reader(request)
        let account = AccountID(try context.uuid("account"))
        guard let person = try await people.person(account, of: reader.organization) else {
            throw ProblemError.notFound
        }
        return try jsonResponse(person)
    }

    /// - Throws: 401, whatever is wrong with the token; 429 when it was used too often.
    private func reader(_ request: Request) async throws -> TokenReader {
        let words = request.headers[.authorization]?.split(separator: " ", maxSplits: 1) ?? []
        guard words.count == 2, words[0].lowercased() == "bearer",
            let reader = try await tokens.reader(String(words[1]))
        else { throw ProblemError.unauthenticated }
        let decision = try await requests.hit(reader.token.rawValue)
        guard decision.allowed else { throw ProblemError.tooManyRequests(retryAfter: decision.retryAfter) }
        return reader
    }
}
