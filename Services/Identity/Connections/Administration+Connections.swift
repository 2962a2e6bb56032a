import Foundation
import LDAP
import Logging
import OpenIDConnect
import ParleyProtocol
import Postgres

/// Directories and providers of organizations, for operators. They tell identity where to connect to, and are for that reason
/// not in the hands of an organization's administrators.
public struct ConnectionAdministration: Sendable {
    /// A connection as an operator reads of it.
    public struct Line: Sendable, CustomStringConvertible {
        let connection: SignInConnection

        public var description: String {
            let address =
                switch connection.settings {
                case .ldap(let settings): settings.url
                case .openIDConnect(let settings): settings.issuer
                }
            let state = connection.isEnabled ? "enabled" : "disabled"
            return [connection.id.uuidString.lowercased(), connection.origin.rawValue, state, connection.name, address]
                .joined(separator: "\t")
        }
    }

    private let administration: Administration
    private let connections: ConnectionStore

    public init(_ administration: Administration, clusterSecret: [UInt8]) {
        self.administration = administration
        connections = ConnectionStore(pool: administration.accounts.pool, clusterSecret: clusterSecret)
    }

    /// - Returns: its id.
    public func add(_ draft: ConnectionDraft, to handle: String) async throws -> String {
        let organization = try await administration.organization(handle)
        return try await connections.add(draft, to: organization.id, by: .commandLine).uuidString.lowercased()
    }

    public func list(_ handle: String) async throws -> [Line] {
        let organization = try await administration.organization(handle)
        return try await connections.list(of: organization.id).map(Line.init)
    }

    public func remove(_ id: String, from handle: String) async throws {
        let organization = try await administration.organization(handle)
        guard try await connections.remove(try uuid(id), from: organization.id, by: .commandLine) else {
            throw noSuchConnection(id)
        }
    }

    public func setEnabled(_ id: String, of handle: String, _ isEnabled: Bool) async throws {
        let organization = try await administration.organization(handle)
        let isThere = try await connections.setEnabled(
            try uuid(id), of: organization.id, isEnabled, by: .commandLine)
        guard isThere else { throw noSuchConnection(id) }
    }

    /// Tries whether it can be used.
    /// - Throws: `InputProblem` with what is wrong.
    public func check(_ id: String, of handle: String, logger: Logger) async throws {
        let organization = try await administration.organization(handle)
        let all = try await connections.list(of: organization.id)
        let wanted = try uuid(id)
        guard let connection = all.first(where: { $0.id == wanted }) else { throw noSuchConnection(id) }
        do {
            switch connection.settings {
            case .ldap(let settings):
                try await LDAPThreads(threads: 1).once { threads in
                    try await LDAPAuthenticator(settings, threads: threads, logger: logger).check()
                }
            case .openIDConnect(let settings):
                let provider = try OIDCProvider(settings, logger: logger)
                _ = try await provider.authorizationURL(OIDCAttempt(), redirectURI: "https://parley.invalid/")
            }
        } catch let error as LDAPError {
            throw InputProblem(error.description)
        } catch let error as OIDCError {
            throw InputProblem("The connection can't be used: \(error).")
        }
    }

    private func uuid(_ text: String) throws(InputProblem) -> UUID {
        guard let id = UUID(text: text) else { throw noSuchConnection(text) }
        return id
    }

    private func noSuchConnection(_ id: String) -> InputProblem {
        InputProblem("The organization has no connection with the id \(id.debugDescription).")
    }
}
