import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ParleyProtocol
import Redis
import ServiceKit
import ServiceLifecycle
import WebSockets

/// Puts signaling together. Production and tests both call it.
///
/// - Parameters:
///   - handlesSignals: Whether SIGTERM and SIGINT end the group. Tests call `triggerGracefulShutdown` instead.
///   - onListening: called once, when both listeners are open.
public func buildSignaling(
    _ settings: SignalingSettings, handlesSignals: Bool = true, logger: Logger,
    onListening: @escaping @Sendable (ListeningPorts) async -> Void = { _ in }
) -> ServiceGroup {
    let parts = SignalingParts(settings, logger: logger)
    return serve(
        settings.service,
        publicRouter: makePublicRouter(trustedProxies: settings.service.trustedProxies),
        publicServer: parts.socketServer(settings),
        internalRoutes: { OccupancyRoutes(store: parts.rooms.store, logger: logger).add(to: $0) },
        readiness: [
            ReadinessCheck("redis") { await parts.redis.isReady() },
            ReadinessCheck("media") { await parts.media.isReady() },
        ],
        services: [
            parts.redis, parts.media, parts.endings, parts.rooms.presence, parts.rooms.directory, parts.rooms.locks,
            parts.registry, parts.beat, parts.sweeper, parts.revocations,
        ],
        handlesSignals: handlesSignals, shutdownLimit: settings.times.drainLimit + .seconds(20),
        beforeStopping: {
            await parts.rooms.drain.run(limit: settings.times.drainLimit) { await parts.registry.askAllToMove() }
        },
        logger: logger, onListening: onListening)
}

/// The parts of one signaling process.
private struct SignalingParts: Sendable {
    let redis: RedisClient
    let media: MediaPlane
    let endings: MediaEndings
    let sweeper: RoomSweeper
    let rooms: RoomServices
    let registry: RoomRegistry
    let beat: Beat
    let revocations: Revocations
    let logger: Logger

    init(_ settings: SignalingSettings, logger: Logger) {
        let group = MultiThreadedEventLoopGroup.singleton
        let redis = RedisClient(settings.redis, eventLoopGroup: group, logger: logger)
        let media = MediaPlane(settings.media, eventLoopGroup: group, logger: logger)
        let endings = MediaEndings(media: media)
        let tokens = ServiceTokens(clusterSecret: settings.service.clusterSecret)
        let revocations = Revocations(
            client: ServiceClient(from: .signaling, to: .identity, baseURL: settings.identityURL, tokens: tokens),
            logger: logger)
        let directory = ServiceClient(
            from: .signaling, to: .directory, baseURL: settings.directoryURL, tokens: tokens)
        let attendance = AttendanceReports(client: directory, logger: logger)
        rooms = RoomServices(
            node: "\(settings.node)-\(RandomName.make(length: 6))",
            store: SeatStore(
                redis: redis, rules: settings.times.seats,
                notice: { room, notice in
                    endings.note(notice)
                    attendance.note(notice, in: room)
                }),
            media: media,
            presence: PresenceLeases(
                clients: settings.presenceURLs.map {
                    ServiceClient(from: .signaling, to: .presence, baseURL: $0, tokens: tokens)
                },
                logger: logger),
            directory: attendance, locks: RoomLocks(client: directory, logger: logger),
            bans: BanCalls(client: directory),
            turn: TurnCredentials(urls: settings.turnURLs, secret: settings.turnSecret),
            resumeTokens: ResumeTokens(clusterSecret: settings.service.clusterSecret),
            tickets: TicketTokens(clusterSecret: settings.service.clusterSecret),
            times: settings.times, drain: SocketDrain(), hasEnded: { revocations.hasEnded($0) }, logger: logger,
            subscribe: { room, fanOut in
                let subscription = try await redis.subscribe(
                    to: SeatKeys(room).channel, receive: { fanOut.receive($0) },
                    interrupted: { fanOut.interrupted() })
                return { await subscription.cancel() }
            })
        let registry = RoomRegistry(services: rooms)
        self.registry = registry
        revocations.whenEnded { [weak registry] in await registry?.signOut($0) }
        self.revocations = revocations
        beat = Beat(store: rooms.store, interval: settings.times.beat, logger: logger) {
            await registry.restore(in: $0)
        }
        sweeper = RoomSweeper(media: media) { [store = rooms.store] in try? await store.isRunning($0, $1) }
        self.redis = redis
        self.media = media
        self.endings = endings
        self.logger = logger
    }

    /// Opens sockets at `/api/signaling/rooms/{roomId}/socket` and nowhere else.
    func socketServer(_ settings: SignalingSettings) -> HTTPServerBuilder {
        let limits = WebSocketLimits(
            maximumFrame: Limits.frame, maximumMessage: Limits.frame, outgoingBudget: Limits.socketBudget,
            allowsBinary: true, ping: .seconds(Limits.ping), pingTimeout: .seconds(Limits.pingTimeout),
            slowCode: CloseCode.slow.rawValue, floodCode: CloseCode.tooManyMessages.rawValue)
        let perAddress = SocketsPerAddress(
            settings.service.trustedProxies, limit: settings.socketsPerAddress,
            onRefusal: SignalingMetrics.socketRefused)
        return .webSocketUpgrade(
            limits: limits, logger: logger, allowedOrigins: AllowedOrigins(settings.allowedOrigins)
        ) { [registry, logger, drain = rooms.drain] request, channel in
            if drain.isDraining { return .refuse(.draining) }
            guard let room = SocketPath.room(request.path ?? "") else {
                return .refuse(Problem(status: 404, code: .notFound, title: "There is nothing here."))
            }
            if let refusal = perAddress.refusal(request, channel) { return refusal }
            return .accept { connection in
                await SocketSession(
                    room: room, connection: connection, registry: registry,
                    times: settings.times, drain: drain, logger: logger
                ).run()
            }
        }
    }
}

extension Problem {
    /// The gateway asks another node.
    fileprivate static let draining = Problem(
        status: 503, code: .unavailable, title: "This process stops. Another one serves.", retryAfter: 1)
}

/// The one path of the public listener.
enum SocketPath {
    static func room(_ path: String) -> RoomID? {
        let plain = path.prefix { $0 != "?" }
        let parts = plain.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[..<4] == ["", "api", "signaling", "rooms"], parts[5] == "socket" else {
            return nil
        }
        let room = RoomID(String(parts[4]))
        return room.isWellFormed ? room : nil
    }
}

extension SignalingSettings {
    /// A media node is known by its URL, because every signaling node must call it the same.
    fileprivate var media: MediaConfiguration {
        let key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: service.clusterSecret), info: Data("parley media v1".utf8),
            outputByteCount: 32)
        return MediaConfiguration(
            nodes: janusURLs.map { MediaNodeAddress(name: $0, url: $0) }, apiSecret: janusAPISecret,
            adminKey: janusAdminKey, roomSecretKey: key.withUnsafeBytes { Array($0) })
    }
}
