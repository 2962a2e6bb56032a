import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import ParleyProtocol
import ServiceKit
import WebSockets

/// What the sockets of a process share.
struct StreamParts: Sendable {
    /// Bytes that may wait for one socket: what is seen of some twenty thousand people.
    private static let budget = 4 * 1_024 * 1_024
    /// Between two looks at an organization whether something was missed.
    private static let interval: Duration = .seconds(2)
    static let path = "/api/presence/stream"

    let people: People
    let accessTokens: AccessTokenVerifier
    /// Who reads with this token, from this address; nothing for what is no telephone system's token.
    let readTokenHolder: @Sendable (String, _ source: String) async throws -> TokenReader?
    let drain = SocketDrain()
    let open: OpenStreams
    let streams: OrganizationStreams
    let logger: Logger

    init(
        people: People, accessTokens: AccessTokenVerifier, logger: Logger,
        readTokenHolder: @escaping @Sendable (String, _ source: String) async throws -> TokenReader?
    ) {
        self.people = people
        self.accessTokens = accessTokens
        self.logger = logger
        self.readTokenHolder = readTokenHolder
        let open = OpenStreams(people: people, logger: logger)
        self.open = open
        streams = OrganizationStreams { organization in
            OrganizationStream(organization, people: people, interval: Self.interval, logger: logger) {
                await open.restore($0)
            }
        }
        accessTokens.whenEnded { open.signOut($0) }
    }

    /// Opens sockets at the stream's path; everything else goes to the router.
    func server(_ settings: PresenceSettings) -> HTTPServerBuilder {
        let limits = WebSocketLimits(
            maximumFrame: Limits.message, maximumMessage: Limits.message, outgoingBudget: Self.budget,
            allowsBinary: true, ping: .seconds(Limits.ping), pingTimeout: .seconds(Limits.pingTimeout),
            slowCode: CloseCode.slow.rawValue, floodCode: CloseCode.tooManyMessages.rawValue)
        let perAddress = SocketsPerAddress(
            settings.service.trustedProxies, limit: settings.streamsPerAddress,
            onRefusal: PresenceMetrics.socketRefused)
        // A telephone system is no browser and names no origin; nothing here is opened by a cookie.
        let origins = AllowedOrigins([settings.service.publicOrigin], allowsMissing: true)
        return .webSocketUpgrade(limits: limits, logger: logger, allowedOrigins: origins) { request, channel in
            if drain.isDraining { return .refuse(.draining) }
            guard (request.path ?? "").prefix(while: { $0 != "?" }) == Self.path else {
                return .refuse(Problem(status: 404, code: .notFound, title: "There is nothing here."))
            }
            if let refusal = perAddress.refusal(request, channel) { return refusal }
            let source = settings.service.trustedProxies.source(of: request, peer: channel.remoteAddress?.ipAddress)
            return .accept { await StreamSession(connection: $0, source: source, parts: self).run() }
        }
    }
}

extension Problem {
    /// The gateway asks another process.
    fileprivate static let draining = Problem(
        status: 503, code: .unavailable, title: "This process stops. Another one serves.", retryAfter: 1)
}
