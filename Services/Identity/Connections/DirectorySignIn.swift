import Foundation
import HTTPTypes
import LDAP
import Logging
import ParleyProtocol
import ServiceKit
import Synchronization

/// Signing in with the password that a directory of the organization knows.
final class DirectorySignIn: Sendable {
    /// No directory knows the person, and one that might could not be asked.
    struct Unavailable: Error, ProblemConvertible {
        var problemError: ProblemError {
            ProblemError(
                .serviceUnavailable, .signInUnavailable, "Your organization's directory can't be reached.",
                retryAfter: 5)
        }
    }

    private let connections: ConnectionStore
    private let accounts: ExternalAccounts
    private let threads: LDAPThreads
    private let logger: Logger
    /// One for each connection, until its settings change.
    private let authenticators = Mutex<[UUID: (version: Int, authenticator: LDAPAuthenticator)]>([:])

    init(connections: ConnectionStore, accounts: ExternalAccounts, threads: LDAPThreads, logger: Logger) {
        self.connections = connections
        self.accounts = accounts
        self.threads = threads
        self.logger = logger
    }

    /// The account of the person, if a directory takes the password. They are asked in order.
    /// - Throws: `Unavailable`, or the error of a store.
    func callAsFunction(
        _ name: SignInName, password: String, organization: OrganizationID
    ) async throws -> AccountID? {
        var isUnsure = false
        for connection in try await connections.list(of: organization) where connection.isEnabled {
            guard case .ldap(let settings) = connection.settings else { continue }
            do {
                let authenticator = try authenticator(connection, settings)
                let person = try await authenticator.authenticate(userName: name.plain, password: password)
                guard let person else { continue }
                return try await accounts.account(of: Self.person(person, connection), from: connection)
            } catch let error as LDAPError {
                isUnsure = true
                log("A directory could not be asked", error, connection)
            } catch let error as ExternalAccounts.Declined {
                log("A person of a directory was declined", error, connection)
                return nil
            }
        }
        if isUnsure { throw Unavailable() }
        return nil
    }

    private func authenticator(
        _ connection: SignInConnection, _ settings: LDAPSettings
    ) throws -> LDAPAuthenticator {
        if let known = authenticators.withLock({ $0[connection.id] }), known.version == connection.version {
            return known.authenticator
        }
        let new = try LDAPAuthenticator(settings, threads: threads, logger: logger)
        authenticators.withLock { $0[connection.id] = (connection.version, new) }
        return new
    }

    private static func person(_ person: LDAPPerson, _ connection: SignInConnection) -> ExternalPerson {
        ExternalPerson(
            subject: person.identifier, userName: person.userName, displayName: person.displayName,
            email: person.email, permissions: connection.permissions(of: person.groups))
    }

    private func log(_ message: Logger.Message, _ error: any Error, _ connection: SignInConnection) {
        logger.warning(message, metadata: ["connection": "\(connection.id)", "error": "\(error)"])
    }
}
