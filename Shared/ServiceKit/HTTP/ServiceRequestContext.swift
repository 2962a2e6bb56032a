import Foundation
import Hummingbird
import Logging
import NIOCore
import ParleyProtocol

/// What travels with one request through middleware and routes.
public struct ServiceRequestContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    /// See `RequestID`.
    public var requestID: String
    /// Who asks, when a valid access token came with the request.
    public var account: AccessClaims?
    /// Which service asks; set on `/internal` routes only.
    public var caller: ServiceName?
    /// The other end of the connection, the gateway as a rule.
    public let peerAddress: String?
    /// The person's address, as far as it can be believed.
    public var clientAddress: String?

    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        requestID = RequestID.make()
        peerAddress = source.channel.remoteAddress?.ipAddress
        clientAddress = peerAddress
    }

    public var maxUploadSize: Int { Limits.requestBody }

    /// What limits count by; see `clientSource(_:)`.
    public var source: String { clientSource(clientAddress) }

    /// Who asks; throws 401 `unauthenticated` when nobody has signed in.
    public func requireAccount() throws(ProblemError) -> AccessClaims {
        guard let account else { throw .unauthenticated }
        return account
    }

    /// Who asks; throws 401 when nobody has signed in and 403 `forbidden` when the permission is missing.
    @discardableResult
    public func requirePermission(_ permission: Permission) throws(ProblemError) -> AccessClaims {
        let account = try requireAccount()
        guard account.permissions.contains(permission) else { throw .forbidden }
        return account
    }

    /// Throws 403 unless one of `services` asks. Only for `/internal` routes.
    @discardableResult
    public func requireCaller(_ services: ServiceName...) throws(ProblemError) -> ServiceName {
        guard let caller else { throw .unauthenticated }
        guard services.contains(caller) else { throw .forbidden }
        return caller
    }

    /// A path parameter, such as `roomId` of `/rooms/{roomId}`; 404 when the route has none of this name.
    public func parameter(_ name: String) throws(ProblemError) -> String {
        guard let value = parameters.get(name)?.removingPercentEncoding else { throw .notFound }
        return value
    }
}
