import Foundation
import ParleyProtocol

/// How services know each other on `/internal` routes: each call carries a token from one service to another.
public struct ServiceTokens: Sendable {
    private static let keyID = "service-v1"
    private let secret: [UInt8]

    /// The issuer says it all.
    private struct NoClaims: Codable {}

    public init(clusterSecret: [UInt8]) {
        secret = ClusterKey.derive(clusterSecret, purpose: "parley service v1")
    }

    /// A token that is good for `Limits.serviceToken` seconds.
    public func issue(from: ServiceName, to: ServiceName, now: Date = .now) async throws -> String {
        let kind = TokenKind.service(to: to)
        let expiresAt = now.addingTimeInterval(Double(Limits.serviceToken))
        let payload = TokenPayload(
            NoClaims(), as: kind, issuer: from.rawValue, now: now, expiresAt: expiresAt)
        return try await key.sign(payload, as: kind)
    }

    /// The service that made the token for `audience`. Throws 401 `unauthenticated`, whatever is wrong.
    public func verify(
        _ token: String, audience: ServiceName, now: Date = .now
    ) async throws(ProblemError) -> ServiceName {
        do {
            let kind = TokenKind.service(to: audience)
            let payload: TokenPayload<NoClaims> = try await SignedToken(token).opened(as: kind, with: key, now: now)
            guard let issuer = ServiceName(rawValue: payload.iss) else { throw TokenRefusal.wrongClaims }
            return issuer
        } catch {
            throw .unauthenticated
        }
    }

    private var key: TokenKey {
        get async { await .symmetric(secret, id: Self.keyID) }
    }
}
