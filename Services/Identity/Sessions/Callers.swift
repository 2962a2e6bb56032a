import ParleyProtocol
import ServiceKit

/// Who asks, as the database knows them now. Identity has the sessions, so that it need not believe a token any longer than
/// its session lasts, nor its permissions.
struct Callers: Sendable {
    let sessions: SessionStore

    /// - Throws: 401 when nobody is signed in.
    func session(_ context: ServiceRequestContext) async throws -> Session {
        let claims = try context.requireAccount()
        guard let session = try await sessions.find(claims.session), session.account.id == claims.account else {
            throw ProblemError.unauthenticated
        }
        return session
    }

    /// - Throws: 401 when nobody is signed in, 403 when it is no administrator of an organization.
    func administrator(_ context: ServiceRequestContext) async throws -> Session {
        let session = try await session(context)
        guard session.account.isAdministrator else { throw ProblemError.forbidden }
        return session
    }
}

extension Session {
    func actor(_ context: ServiceRequestContext) -> AuditActor {
        AuditActor(name: account.userName, account: account.id, source: context.address)
    }

    func authority(_ context: ServiceRequestContext) -> Authority {
        Authority(
            actor: actor(context), reachesSystem: account.permissions.contains(.administerSystem))
    }
}

extension ServiceRequestContext {
    /// For people to read. Limits count by `source`, which is a network where one person has all of it.
    var address: String { clientAddress ?? "unknown" }
}
