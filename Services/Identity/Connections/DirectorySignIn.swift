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

    /// How long all directories together may take: the gateway gives up a little later.
    private static let patience: Duration = .seconds(10)

    /// The account of the person, if a directory takes the password. They are asked in order.
    /// - Parameter names: what they are asked for, one after the other.
    /// - Throws: `Unavailable`, or the error of a store.
    func callAsFunction(
        _ names: [String], password: String, organization: OrganizationID
    ) async throws -> AccountID? {
        let found = try await bounded(Self.patience) { () async throws -> Answer in
            Answer(account: try await self.ask(names, password: password, organization: organization))
        }
        guard let found else { throw Unavailable() }
        return found.account
    }

    private struct Answer {
        var account: AccountID?
    }

    private func ask(_ names: [String], password: String, organization: OrganizationID) async throws -> AccountID? {
        let found = try await connections.usable(of: organization, .ldap, logger: logger)
        var isUnsure = found.someAreBroken
        for connection in found.connections {
            guard case .ldap(let settings) = connection.settings else { continue }
            do {
                guard let person = try await person(names, password: password, connection, settings) else { continue }
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

    private func person(
        _ names: [String], password: String, _ connection: SignInConnection, _ settings: LDAPSettings
    ) async throws -> LDAPPerson? {
        let authenticator = try authenticator(connection, settings)
        // Where nobody is searched for, each name is a bind, and directories lock people out after a few.
        for name in settings.search == nil ? Array(names.prefix(1)) : names {
            if let person = try await authenticator.authenticate(userName: name, password: password) { return person }
        }
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
