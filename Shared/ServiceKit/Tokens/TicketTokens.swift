import Foundation
import ParleyProtocol

/// Tickets: made by directory, taken by signaling.
public struct TicketTokens: Sendable {
    private static let keyID = "ticket-v1"
    private let secret: [UInt8]

    public init(clusterSecret: [UInt8]) {
        secret = ClusterKey.derive(clusterSecret, purpose: "parley ticket v1")
    }

    /// A ticket that is good for `Limits.ticket` seconds.
    public func issue(_ claims: TicketClaims, now: Date = .now) async throws -> (token: String, expiresAt: Date) {
        let expiresAt = now.addingTimeInterval(Double(Limits.ticket))
        let payload = TokenPayload(
            claims, as: .ticket, issuer: ServiceName.directory.rawValue, now: now, expiresAt: expiresAt)
        return (try await key.sign(payload, as: .ticket), expiresAt)
    }

    /// Throws 401 `unauthenticated`, whatever is wrong with the ticket. That it is used once only is for the caller to see to,
    /// by `TicketClaims.id`.
    ///
    /// `isExpired`: its time is over. Then it lets nobody in, but may belong to somebody who came with it when it was good.
    public func verify(
        _ token: String, now: Date = .now
    ) async throws(ProblemError) -> (claims: TicketClaims, isExpired: Bool) {
        do {
            let (payload, isExpired): (TokenPayload<TicketClaims>, Bool) = try await SignedToken(token).openedAtAnyTime(
                as: .ticket, with: key, now: now)
            return (payload.claims, isExpired)
        } catch {
            throw .unauthenticated
        }
    }

    private var key: TokenKey {
        get async { await .symmetric(secret, id: Self.keyID) }
    }
}
