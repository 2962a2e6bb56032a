import Foundation
import Logging
import OpenIDConnect
import ParleyProtocol
import ServiceKit
import Synchronization

/// Signing in with an OpenID provider of the organization: the browser goes there and comes back.
final class ProviderSignIn: Sendable {
    enum Failure: Error {
        /// There is no such connection, or it is disabled.
        case noSuchConnection
        /// The provider is away.
        case unavailable
        /// The provider or the person said no, or what came back can't be believed.
        case declined
    }

    /// What is kept, sealed, in the browser while it is away.
    struct Journey: Codable, Sendable {
        var connection: UUID
        var attempt: OIDCAttempt
        var stayLoggedIn: Bool
        /// Where the browser goes afterwards; a path of this site.
        var next: String
        var expiresAt: Date
    }

    /// Somebody who has come back from a provider.
    struct Arrival: Sendable {
        var account: AccountID
        /// Whether the provider says that they have shown more than one factor there.
        var hasSeveralFactors: Bool
    }

    /// How long the provider may take when a browser has come back: the gateway gives up a little later.
    private static let deadline: Duration = .seconds(12)
    /// Seconds that a person may take at the provider.
    static let patience = 600
    private static let context = "journey"

    private let connections: ConnectionStore
    private let accounts: ExternalAccounts
    private let redirectURI: String
    private let seal: SecretSeal
    private let logger: Logger
    /// One for each connection, until its settings change.
    private let providers = Mutex<[UUID: (version: Int, provider: OIDCProvider)]>([:])

    init(
        connections: ConnectionStore, accounts: ExternalAccounts, publicURL: String, clusterSecret: [UInt8],
        logger: Logger
    ) {
        self.connections = connections
        self.accounts = accounts
        redirectURI = publicURL + ProviderRoutes.callbackPath
        seal = SecretSeal(clusterSecret: clusterSecret, purpose: "parley provider journey v1")
        self.logger = logger
    }

    /// Those that an organization's people may choose.
    func options(of organization: OrganizationID) async throws -> [SignInConnection] {
        try await connections.usable(of: organization, .openIDConnect, logger: logger).connections
    }

    /// - Returns: where the browser goes, and what it keeps meanwhile.
    /// - Throws: `Failure`, or the database's error.
    func begin(
        _ id: UUID, stayLoggedIn: Bool, next: String, now: Date = .now
    ) async throws -> (url: String, journey: String) {
        let (connection, provider) = try await provider(id)
        let attempt = OIDCAttempt()
        let journey = Journey(
            connection: connection.id, attempt: attempt, stayLoggedIn: stayLoggedIn, next: next,
            expiresAt: now.addingTimeInterval(Double(Self.patience)))
        do {
            let url = try await provider.authorizationURL(attempt, redirectURI: redirectURI)
            let sealed = try seal.seal([UInt8](try JSONEncoder().encode(journey)), context: Self.context)
            return (url, sealed.base64URL)
        } catch let error as OIDCError {
            throw failure(error, connection)
        }
    }

    /// What the browser has kept; nothing when it is none, was changed, or is too old.
    func journey(_ text: String, now: Date = .now) -> Journey? {
        guard let sealed = [UInt8](base64URL: text), let opened = seal.open(sealed, context: Self.context),
            let journey = try? JSONDecoder().decode(Journey.self, from: Data(opened)), journey.expiresAt > now
        else { return nil }
        return journey
    }

    /// Whose account it is, when the browser has come back with an answer to this journey's attempt.
    /// - Throws: `Failure`, or the database's error.
    func finish(_ journey: Journey, code: String, issuer: String?) async throws -> Arrival {
        let arrival = try await bounded(Self.deadline) { () async throws -> Arrival in
            try await self.arrival(journey, code: code, issuer: issuer)
        }
        guard let arrival else { throw Failure.unavailable }
        return arrival
    }

    private func arrival(_ journey: Journey, code: String, issuer: String?) async throws -> Arrival {
        let (connection, provider) = try await provider(journey.connection)
        do {
            let identity = try await provider.identity(
                code: code, issuer: issuer, attempt: journey.attempt, redirectURI: redirectURI)
            let account = try await accounts.account(of: Self.person(identity, connection), from: connection)
            return Arrival(account: account, hasSeveralFactors: identity.hasSeveralFactors)
        } catch let error as OIDCError {
            throw failure(error, connection)
        } catch let error as ExternalAccounts.Declined {
            log("A person of a provider was declined", error, connection)
            throw Failure.declined
        }
    }

    private func provider(_ id: UUID) async throws -> (SignInConnection, OIDCProvider) {
        guard let connection = try await connections.find(id), connection.isEnabled,
            case .openIDConnect(let settings) = connection.settings
        else { throw Failure.noSuchConnection }
        if let known = providers.withLock({ $0[id] }), known.version == connection.version {
            return (connection, known.provider)
        }
        do {
            let new = try OIDCProvider(settings, logger: logger)
            providers.withLock { $0[id] = (connection.version, new) }
            return (connection, new)
        } catch {
            throw failure(error, connection)
        }
    }

    private static func person(_ identity: OIDCIdentity, _ connection: SignInConnection) -> ExternalPerson {
        ExternalPerson(
            subject: identity.subject, userName: identity.userName ?? identity.email ?? identity.subject,
            displayName: identity.displayName, email: identity.isEmailVerified ? identity.email : nil,
            permissions: connection.permissions(of: identity.groups))
    }

    private func failure(_ error: OIDCError, _ connection: SignInConnection) -> Failure {
        log("A sign-in with a provider came to nothing", error, connection)
        return switch error {
        case .unreachable, .timedOut, .discovery, .settings: .unavailable
        case .refused, .tokenInvalid: .declined
        }
    }

    private func log(_ message: Logger.Message, _ error: any Error, _ connection: SignInConnection) {
        logger.warning(message, metadata: ["connection": "\(connection.id)", "error": "\(error)"])
    }
}
