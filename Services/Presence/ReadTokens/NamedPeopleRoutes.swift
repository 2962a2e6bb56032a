import Hummingbird
import ParleyProtocol
import ServiceKit

/// `GET /api/presence/people` and `…/{account}`: what a telephone system reads, with a read token as `Authorization: Bearer`.
///
/// To be added to the router before the middleware that takes every bearer token for an access token.
struct NamedPeopleRoutes: Sendable {
    let gate: ReadTokenGate
    let people: NamedPeople

    func add(to router: Router<ServiceRequestContext>) {
        router.get("/api/presence/people", use: everybody)
        router.get("/api/presence/people/{account}", use: person)
    }

    @Sendable private func everybody(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let reader = try await reader(request, context)
        return try jsonResponse(try await people.everybody(of: reader.organization))
    }

    @Sendable private func person(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let reader = try await reader(request, context)
        let account = AccountID(try context.uuid("account"))
        guard let person = try await people.person(account, of: reader.organization) else {
            throw ProblemError.notFound
        }
        return try jsonResponse(person)
    }

    /// - Throws: 401, whatever is wrong with the token; 429 when it was used too often, or wrong ones were.
    private func reader(_ request: Request, _ context: ServiceRequestContext) async throws -> TokenReader {
        let words = request.headers[.authorization]?.split(separator: " ", maxSplits: 1) ?? []
        guard words.count == 2, words[0].lowercased() == "bearer",
            let reader = try await gate.reader(String(words[1]), from: context.source)
        else { throw ProblemError.unauthenticated }
        return reader
    }
}
