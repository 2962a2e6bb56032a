import Foundation
import Logging
import ParleyProtocol
import Postgres
import ServiceKit

/// What was given to a command and can't be taken, as a sentence.
public struct CommandProblem: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// What an operator does with webhooks, for the subcommands of the executable. All throw `CommandProblem` for what can't be taken, and
/// `PostgresError`.
public struct WebhookAdministration: Sendable {
    private let webhooks: WebhookStore
    private let vault: WebhookSecretVault
    private let isKnown: @Sendable (OrganizationID) async throws -> Bool

    /// - Parameter isKnown: whether there is such an organization.
    init(
        webhooks: WebhookStore, vault: WebhookSecretVault,
        isKnown: @escaping @Sendable (OrganizationID) async throws -> Bool
    ) {
        self.webhooks = webhooks
        self.vault = vault
        self.isKnown = isKnown
    }

    /// Runs `body` with the database of these settings, and the cluster secret, under which secrets of webhooks are sealed.
    ///
    /// - Throws: `SettingsError` too.
    public static func with<T: Sendable>(
        _ settings: Settings, logger: Logger, _ body: @Sendable (WebhookAdministration) async throws -> T
    ) async throws -> T {
        let service = ServiceSettings(settings, name: .presence)
        let database = PresenceSettings.database(settings)
        let identityURL = PresenceSettings.identityURL(settings)
        try settings.finish()
        let vault = WebhookSecretVault(clusterSecret: service.clusterSecret)
        let identity = ServiceClient(
            from: .presence, to: .identity, baseURL: identityURL,
            tokens: ServiceTokens(clusterSecret: service.clusterSecret))
        return try await PostgresPool.withPool(database, logger: logger) { pool in
            try await body(
                WebhookAdministration(webhooks: WebhookStore(pool: pool), vault: vault) { organization in
                    try await OrganizationList(identity: identity).has(organization)
                })
        }
    }

    /// - Parameters:
    ///   - organization: its id, a UUID.
    ///   - allowsPlain: whether `http` is taken too, for inner networks.
    /// - Returns: the webhook's id, and the secret, which is not shown again.
    public func add(
        organization: String, url: String, name: String?, allowsPlain: Bool
    ) async throws -> (id: String, secret: String) {
        guard let address = WebhookAddress(url, allowsPlain: allowsPlain) else {
            throw CommandProblem(
                "The URL must begin with https:// (with --plain also http://) and have no user and no fragment.")
        }
        guard let organization = UUID(text: organization) else {
            throw CommandProblem("The organization's id must be a UUID.")
        }
        try await requireKnown(OrganizationID(organization.uuidString.lowercased()))
        let (id, secret) = (WebhookID(UUID().uuidString.lowercased()), WebhookSecret())
        let webhook = StoredWebhook(
            id: id, organization: OrganizationID(organization.uuidString.lowercased()),
            name: try Self.checked(name ?? "Telephone system"), url: address.text, isEnabled: true)
        try await webhooks.add(webhook, sealedSecret: try vault.seal(secret, of: id))
        return (id.rawValue, secret.text)
    }

    private func requireKnown(_ organization: OrganizationID) async throws {
        let isFound: Bool
        do {
            isFound = try await isKnown(organization)
        } catch let error as ServiceCallError {
            throw CommandProblem("Identity could not be asked whether there is such an organization: \(error)")
        }
        guard isFound else { throw CommandProblem("There is no organization with this id.") }
    }

    /// One line for each: id, organization, state, name, and scheme, host and port of the address.
    public func list() async throws -> [String] {
        try await webhooks.all().map { webhook in
            [
                webhook.id.rawValue, webhook.organization.rawValue, webhook.isEnabled ? "enabled" : "disabled",
                webhook.name, WebhookAddress.shown(webhook.url),
            ].joined(separator: "\t")
        }
    }

    /// With all messages that wait for it.
    public func remove(id: String) async throws {
        try await found(webhooks.remove(try Self.checked(id: id)))
    }

    /// After the receiver has refused it for good. It begins anew with a snapshot.
    public func enable(id: String) async throws {
        try await found(webhooks.enable(try Self.checked(id: id)))
    }

    /// A new secret instead of the one before; the next message is signed with it.
    public func newSecret(id: String) async throws -> String {
        let id = try Self.checked(id: id)
        let secret = WebhookSecret()
        try await found(webhooks.setSecret(try vault.seal(secret, of: id), of: id))
        return secret.text
    }

    private func found(_ isFound: Bool) throws {
        guard isFound else { throw CommandProblem("There is no webhook with this id.") }
    }

    private static func checked(id: String) throws -> WebhookID {
        guard let id = UUID(text: id) else { throw CommandProblem("The webhook's id must be a UUID.") }
        return WebhookID(id.uuidString.lowercased())
    }

    private static func checked(_ name: String) throws -> String {
        do throws(FieldRefusal) {
            return try ReadableText.line(name, Limits.readTokenName)
        } catch {
            throw CommandProblem("The name must have 1 to \(Limits.readTokenName.upperBound) readable characters.")
        }
    }
}
