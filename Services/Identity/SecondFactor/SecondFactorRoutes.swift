import HTTPTypes
import Hummingbird
import ParleyProtocol
import ServiceKit

/// `/api/identity/profile/second-factor`: setting up an authenticator, and giving it up.
struct SecondFactorRoutes: Sendable {
    let callers: Callers
    let reauthenticate: Reauthenticator
    let secondFactors: SecondFactorStore
    let offers: SecondFactorOffers

    func add(to router: Router<ServiceRequestContext>) {
        let group = router.group("/api/identity/profile/second-factor")
        group.post(use: offer)
        group.put(use: takeUp)
        group.delete(use: remove)
        group.post("recovery-codes", use: replaceCodes)
    }

    /// Who has one already shows it before it is replaced.
    @Sendable private func offer(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let (_, person) = try await asked(request, context, needsCode: true)
        return try jsonResponse(try offers.offer(to: person), status: .created)
    }

    /// The offer was made to who showed the password.
    @Sendable private func takeUp(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let session = try await callers.session(context)
        let setup = try await decodeBody(SecondFactorSetup.self, from: request, context: context)
        let acceptance = try offers.takeUp(setup.enrollment, code: setup.code, by: session.account.id)
        return try jsonResponse(
            try await secondFactors.set(acceptance, of: session.account.id, by: session.actor(context)))
    }

    @Sendable private func remove(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let (session, person) = try await asked(request, context, needsCode: true)
        guard !person.needsSecondFactor else { throw SecondFactorProblem.setupRequired }
        _ = try await secondFactors.remove(of: session.account.id, by: session.actor(context))
        return emptyResponse()
    }

    @Sendable private func replaceCodes(_ request: Request, context: ServiceRequestContext) async throws -> Response {
        let (session, person) = try await asked(request, context, needsCode: false)
        guard person.hasSecondFactor else { throw SecondFactorProblem.setupRequired }
        return try jsonResponse(
            try await secondFactors.replaceCodes(of: session.account.id, by: session.actor(context)), status: .created)
    }

    private func asked(
        _ request: Request, _ context: ServiceRequestContext, needsCode: Bool
    ) async throws -> (Session, SignInPerson) {
        let session = try await callers.session(context)
        let shown = try await decodeBody(Reauthentication.self, from: request, context: context)
        let person = try await reauthenticate(
            shown.password, code: shown.code, needsCode: needsCode, session: session, context: context)
        return (session, person)
    }
}
