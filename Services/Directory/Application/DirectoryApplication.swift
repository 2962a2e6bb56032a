import Hummingbird
import Logging
import ParleyProtocol
import ServiceKit
import ServiceLifecycle

/// Directory: what runs, and what it answers. Production and tests get it from the same `build`.
public struct DirectoryApplication: Sendable {
    private let parts: DirectoryParts

    /// - Parameter accessTokens: Checks access tokens; by default with the keys that identity publishes.
    public static func build(
        _ settings: DirectorySettings, logger: Logger, accessTokens: AccessTokenVerifier? = nil
    ) -> DirectoryApplication {
        DirectoryApplication(parts: DirectoryParts(settings, logger: logger, accessTokens: accessTokens))
    }

    /// Beside the listeners, each after those it needs.
    public var services: [any Service] { parts.services }
    public var readiness: [ReadinessCheck] { parts.readiness }

    public func publicRouter() -> Router<ServiceRequestContext> {
        let router = makePublicRouter(
            trustedProxies: parts.settings.service.trustedProxies, accessTokens: parts.accessTokens)
        let group = router.group("api/directory")
        parts.roomRoutes.add(to: group)
        parts.stateRoutes.add(to: group)
        parts.entryRoutes.add(to: group)
        parts.appointmentRoutes.add(to: group)
        parts.invitationRoutes.add(to: group)
        parts.mailedInvitationRoutes.add(to: group)
        parts.auditRoutes.add(to: group)
        parts.meetingRoutes.add(to: group)
        parts.banRoutes.add(to: group)
        router.addOpenAPI("api/directory/openapi.json", document: PackageResources.openapi_json)
        return router
    }

    /// Routes below `/internal`, for other services.
    public func addInternalRoutes(to group: RouterGroup<ServiceRequestContext>) {
        parts.stateRoutes.addInternal(to: group)
        parts.meetingRoutes.addInternal(to: group)
        parts.banRoutes.addInternal(to: group)
        parts.ownerRoutes.addInternal(to: group)
    }

    /// Everything with its listeners, until SIGTERM.
    public func serviceGroup() -> ServiceGroup {
        serve(
            parts.settings.service, publicRouter: publicRouter(), internalRoutes: addInternalRoutes,
            readiness: readiness, services: services, logger: parts.logger)
    }
}
