import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import ParleyProtocol
import ServiceLifecycle
import Synchronization
import UnixSignals

/// The ports that a service listens on.
public struct ListeningPorts: Sendable, Hashable {
    public var outer: Int
    public var inner: Int
}

/// Puts a service together: the public listener, the inner listener, what runs beside them, and an orderly end.
///
/// The inner listener serves `/health/live`, `/health/ready`, `/metrics`, the routes of `innerRoutes`, which everybody on the
/// inner network may ask, and those of `internalRoutes` below `/internal`, which need a service token for this service.
///
/// On SIGTERM or SIGINT `/health/ready` turns 503 at once; after `settings.drain` the public listener takes no more
/// connections and finishes its requests, then the inner one, then `services` from the last to the first. After
/// `shutdownLimit` what is still running is cancelled.
///
/// An executable is a page, such as `Main/DirectoryCommand.swift`:
/// ```swift
/// import ArgumentParser
/// import DirectoryService
///
/// @main
/// struct DirectoryCommand: AsyncParsableCommand {
///     static let configuration = CommandConfiguration(
///         commandName: "directory", abstract: "The directory of meeting rooms, and entry to them.",
///         subcommands: [Serve.self, Migrate.self], defaultSubcommand: Serve.self)
/// }
///
/// struct Serve: AsyncParsableCommand {
///     static let configuration = CommandConfiguration(abstract: "Serves until SIGTERM.")
///
///     func run() async throws {
///         try await serveDirectory()
///     }
/// }
/// ```
/// and the service's module builds the group, which ends with a call of this function:
/// ```swift
/// public func serveDirectory() async throws {
///     try await runService(.directory) { settings, logger in
///         DirectoryApplication.build(try DirectorySettings(settings), logger: logger).serviceGroup()
///     }
/// }
/// ```
///
/// - Parameters:
///   - publicRouter: Made with `makePublicRouter`.
///   - publicServer: Another server for the public listener, for sockets.
///   - services: What runs beside the listeners, each after those it needs. When one ends, the process ends.
///   - beforeStopping: Called when readiness has turned, before anything is told to stop, for what has to be handed over first.
///     `shutdownLimit` must leave time for it.
///   - handlesSignals: Whether SIGTERM and SIGINT end the group. Tests call `triggerGracefulShutdown` instead.
///   - onListening: Called once, when both listeners are open.
public func serve(
    _ settings: ServiceSettings,
    publicRouter: Router<ServiceRequestContext>,
    publicServer: HTTPServerBuilder = .service,
    innerRoutes: (Router<ServiceRequestContext>) -> Void = { _ in },
    internalRoutes: (RouterGroup<ServiceRequestContext>) -> Void = { _ in },
    readiness checks: [ReadinessCheck] = [],
    services: [any Service] = [],
    registry: PrometheusRegistry = .shared,
    handlesSignals: Bool = true,
    shutdownLimit: Duration = .seconds(20),
    beforeStopping: @escaping @Sendable () async -> Void = {},
    logger: Logger,
    onListening: @escaping @Sendable (ListeningPorts) async -> Void = { _ in }
) -> ServiceGroup {
    let readiness = Readiness(checks: checks)
    let ports = PortCollector(onListening)
    let innerRouter = makeInnerRouter(settings, readiness: readiness, registry: registry)
    innerRoutes(innerRouter)
    let guarded = innerRouter.group("internal").add(
        middleware: ServiceAuthMiddleware(
            audience: settings.name, tokens: ServiceTokens(clusterSecret: settings.clusterSecret)))
    internalRoutes(guarded)

    let inner = Application(
        router: innerRouter.refusingOtherMethods(), server: .service,
        configuration: .init(address: .hostname(settings.innerHost, port: settings.innerPort), backlog: 1_024),
        onServerRunning: { await ports.opened(inner: $0.localAddress?.port) }, logger: logger)
    let outer = Application(
        router: publicRouter.refusingOtherMethods(), server: publicServer,
        configuration: .init(
            address: .hostname(settings.host, port: settings.port), backlog: 1_024,
            availableConnectionsDelegate: MaximumAvailableConnections(settings.maximumConnections)),
        onServerRunning: { await ports.opened(outer: $0.localAddress?.port) }, logger: logger)

    let drain = DrainService(readiness: readiness, drain: settings.drain, beforeStopping: beforeStopping)
    let all: [any Service] = services + [inner, outer, drain]
    var configuration = ServiceGroupConfiguration(
        services: all, gracefulShutdownSignals: handlesSignals ? [.sigterm, .sigint] : [], logger: logger)
    configuration.maximumGracefulShutdownDuration = shutdownLimit
    configuration.maximumCancellationDuration = .seconds(5)
    return ServiceGroup(configuration: configuration)
}

extension HTTPServerBuilder {
    /// HTTP/1.1 with limits: 32 KiB of headers, and idle connections close after 75 s, later than the gateway's.
    public static var service: HTTPServerBuilder {
        .http1(
            configuration: .init(
                idleTimeout: .seconds(75),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: 16 * 1_024, maxHeaderListSize: 32 * 1_024, maxHeaderFieldCount: 100)))
    }
}

/// First to be told of a shutdown: turns readiness, then leaves the others `drain` to go on.
private struct DrainService: Service {
    let readiness: Readiness
    let drain: Duration
    let beforeStopping: @Sendable () async -> Void

    func run() async throws {
        await withGracefulShutdownHandler {
            try? await gracefulShutdown()
        } onGracefulShutdown: {
            readiness.stop()
        }
        try? await Task.sleep(for: drain)
        await beforeStopping()
    }
}

/// Waits for both listeners.
private final class PortCollector: Sendable {
    private struct State {
        var outer: Int?
        var inner: Int?
    }

    private let state = Mutex(State())
    private let onListening: @Sendable (ListeningPorts) async -> Void

    init(_ onListening: @escaping @Sendable (ListeningPorts) async -> Void) {
        self.onListening = onListening
    }

    func opened(outer: Int? = nil, inner: Int? = nil) async {
        let ports = state.withLock { state -> ListeningPorts? in
            if let outer { state.outer = outer }
            if let inner { state.inner = inner }
            guard let outer = state.outer, let inner = state.inner else { return nil }
            return ListeningPorts(outer: outer, inner: inner)
        }
        if let ports { await onListening(ports) }
    }
}
