import Foundation
import LDAP
import Logging
import OpenIDConnect
import ParleyProtocol
import Postgres

/// Connections in PostgreSQL; their passwords are sealed.
struct ConnectionStore: Sendable {
    /// The stored secret can't be opened: the cluster secret is another than the one it was sealed with.
    struct Sealed: Error, CustomStringConvertible {
        var description: String { "The password of a connection can't be opened with this cluster secret." }
    }

    let pool: PostgresPool
    private let seal: SecretSeal

    init(pool: PostgresPool, clusterSecret: [UInt8]) {
        self.pool = pool
        seal = SecretSeal(clusterSecret: clusterSecret, purpose: "parley sign-in connection v1")
    }

    /// In the order in which they are asked.
    func list(of organization: OrganizationID) async throws -> [SignInConnection] {
        try await pool.query(
            """
            \(Self.selection) where organization_id = \(organization)
            order by position, created_at, id
            """
        ).map(connection)
    }

    /// Those of one kind that are enabled. One that can't be read is left out, so that the others go on.
    func usable(
        of organization: OrganizationID, _ kind: AccountOrigin, logger: Logger
    ) async throws -> (connections: [SignInConnection], someAreBroken: Bool) {
        let rows = try await pool.query(
            """
            \(Self.selection) where organization_id = \(organization) and is_enabled and kind = \(kind)
            order by position, created_at, id
            """)
        let readable = rows.compactMap { row -> SignInConnection? in
            do {
                return try connection(row)
            } catch {
                logger.error(
                    "A connection can't be read", metadata: ["organization": "\(organization)", "error": "\(error)"])
                return nil
            }
        }
        return (readable, readable.count < rows.count)
    }

    func find(_ id: UUID) async throws -> SignInConnection? {
        try await pool.query("\(Self.selection) where id = \(id)").first.map(connection)
    }

    @discardableResult
    func add(_ draft: ConnectionDraft, to organization: OrganizationID, by actor: AuditActor) async throws -> UUID {
        let id = UUID()
        let (settings, secret) = try parts(draft.settings)
        let sealed = try secret.map { try seal.seal(Array($0.utf8), context: id.uuidString) }
        let stored = try Self.text(Stored(settings: settings, groups: draft.groups))
        try await pool.transaction { connection in
            let others = try connection.query(
                "select 1 from sign_in_connection where organization_id = \(organization) for update")
            guard others.count < Limits.signInConnections else {
                throw InputProblem("An organization may have \(Limits.signInConnections) connections.")
            }
            try connection.execute(
                """
                insert into sign_in_connection (id, organization_id, kind, name, settings, sealed_secret, position)
                values (\(id), \(organization), \(draft.settings.kind), \(draft.name), \(stored)::jsonb, \(sealed),
                    \(others.count))
                """)
            try Self.audit(.connectionAdded, draft.name, organization, actor, connection)
        }
        return id
    }

    /// Accounts that came from it stay, and can't sign in by it any more.
    func remove(_ id: UUID, from organization: OrganizationID, by actor: AuditActor) async throws -> Bool {
        try await pool.transaction { connection in
            let rows = try connection.query(
                """
                delete from sign_in_connection where id = \(id) and organization_id = \(organization) returning name
                """)
            guard let row = rows.first else { return false }
            try Self.audit(.connectionDeleted, try row.decode("name"), organization, actor, connection)
            return true
        }
    }

    /// - Returns: whether there is such a connection.
    func setEnabled(
        _ id: UUID, of organization: OrganizationID, _ isEnabled: Bool, by actor: AuditActor
    ) async throws -> Bool {
        try await pool.transaction { connection in
            let rows = try connection.query(
                """
                update sign_in_connection set is_enabled = \(isEnabled), version = version + 1
                where id = \(id) and organization_id = \(organization) returning name
                """)
            guard let row = rows.first else { return false }
            try Self.audit(.connectionChanged, try row.decode("name"), organization, actor, connection)
            return true
        }
    }

    // MARK: Parts

    /// The settings as JSON without the secret.
    private struct Stored: Codable {
        var ldap: LDAPSettings?
        var oidc: OIDCSettings?
        var groups: [String: [Permission]]

        init(settings: SignInConnection.Settings, groups: [String: [Permission]]) {
            self.groups = groups
            switch settings {
            case .ldap(let settings): ldap = settings
            case .openIDConnect(let settings): oidc = settings
            }
        }
    }

    private func parts(_ settings: SignInConnection.Settings) throws -> (SignInConnection.Settings, String?) {
        switch settings {
        case .ldap(var settings):
            let secret = settings.search?.bindPassword
            settings.search?.bindPassword = nil
            return (.ldap(settings), secret)
        case .openIDConnect(var settings):
            let secret = settings.clientSecret
            settings.clientSecret = nil
            return (.openIDConnect(settings), secret)
        }
    }

    private func connection(_ row: PostgresRow) throws -> SignInConnection {
        let id: UUID = try row.decode("id")
        let json = Data(try row.decode("settings", as: String.self).utf8)
        let stored = try JSONDecoder().decode(Stored.self, from: json)
        var secret: String?
        if let sealed = try row.decode("sealed_secret", as: [UInt8]?.self) {
            guard let opened = seal.open(sealed, context: id.uuidString) else { throw Sealed() }
            secret = String(validating: opened, as: UTF8.self)
        }
        return SignInConnection(
            id: id, organization: try row.decode("organization_id"), name: try row.decode("name"),
            isEnabled: try row.decode("is_enabled"), settings: try Self.settings(stored, secret),
            groups: stored.groups, version: try row.decode("version"))
    }

    private static func settings(_ stored: Stored, _ secret: String?) throws -> SignInConnection.Settings {
        if var settings = stored.ldap {
            settings.search?.bindPassword = secret
            return .ldap(settings)
        }
        guard var settings = stored.oidc else {
            throw PostgresError(.decoding, "A connection has no settings.")
        }
        settings.clientSecret = secret
        return .openIDConnect(settings)
    }

    private static func text(_ stored: Stored) throws -> String {
        String(decoding: try JSONEncoder().encode(stored), as: UTF8.self)
    }

    private static let selection: SQL = """
        select id, organization_id, name, is_enabled, settings::text as settings, sealed_secret, version
        from sign_in_connection
        """

    private static func audit(
        _ action: AuditAction, _ name: String, _ organization: OrganizationID, _ actor: AuditActor,
        _ connection: isolated PostgresConnection
    ) throws {
        try AuditStore.record(
            AuditEntry(action: action, actor: actor, organization: organization, subject: name), connection)
    }
}

extension SignInConnection.Settings {
    var kind: AccountOrigin {
        switch self {
        case .ldap: .ldap
        case .openIDConnect: .openIDConnect
        }
    }
}
