import Foundation
import ParleyProtocol
import Postgres

/// The tokens of telephone systems, in PostgreSQL. All throw `PostgresError`.
struct ReadTokenStore: Sendable {
    /// Seconds within which several uses are one.
    private static let useIsNoted = 60
    /// Names the locks by organization.
    private static let lockSeed = 61

    private static let isServed: SQL =
        "not exists (select 1 from organization o where o.id = read_token.organization_id and o.is_disabled)"

    let pool: PostgresPool

    /// - Returns: nothing when the organization has as many as it may.
    func create(_ name: String, by account: AccountID, of organization: OrganizationID) async throws
        -> CreatedReadToken?
    {
        let (id, token) = (UUID(), ReadToken())
        return try await pool.transaction { connection in
            // One after the other, so that two at once don't both find room.
            try connection.execute(
                "select pg_advisory_xact_lock(hashtextextended(\(organization)::text, \(Self.lockSeed)))")
            let rows = try connection.query(
                """
                insert into read_token (id, organization_id, name, digest, created_by)
                select \(id), \(organization), \(name), \(token.digest)::bytea, \(account)
                where (select count(*) from read_token where organization_id = \(organization)) < \(Limits.readTokens)
                returning created_at
                """)
            return try rows.first.map { row in
                CreatedReadToken(
                    id: ReadTokenID(id.uuidString.lowercased()), name: name, token: token.text,
                    createdAt: try row.decode("created_at"))
            }
        }
    }

    func list(of organization: OrganizationID) async throws -> [ReadTokenList.Item] {
        try await pool.query(
            """
            select id, name, created_at, created_by, last_used_at from read_token
            where organization_id = \(organization) order by created_at, id
            """
        ).map { row in
            ReadTokenList.Item(
                id: try row.decode("id"), name: try row.decode("name"), createdAt: try row.decode("created_at"),
                createdBy: try row.decode("created_by"), lastUsedAt: try row.decode("last_used_at"))
        }
    }

    /// - Returns: whether there was such a token in the organization. It reads nothing any more; streams that it has opened are closed
    /// by `ReadTokenWatch`.
    func remove(_ id: ReadTokenID, of organization: OrganizationID) async throws -> Bool {
        try await pool.execute(
            "delete from read_token where id = \(id) and organization_id = \(organization)") > 0
    }

    /// Whose presence may be read with the token; nothing for one that was deleted, or whose organization is disabled. Notes that it
    /// was used, at most once a minute.
    func reader(_ token: ReadToken) async throws -> TokenReader? {
        let digest = token.digest
        return try await pool.query(
            """
            with used as (
                update read_token set last_used_at = now()
                where digest = \(digest) and (last_used_at is null
                    or last_used_at not between now() - make_interval(secs => \(Self.useIsNoted)) and now()))
            select id, organization_id from read_token where digest = \(digest) and \(Self.isServed)
            """
        ).first.map { TokenReader(token: try $0.decode("id"), organization: try $0.decode("organization_id")) }
    }

    /// Those of these with which may still be read.
    func valid(among tokens: Set<ReadTokenID>) async throws -> Set<ReadTokenID> {
        let rows = try await pool.query(
            """
            select id from read_token where id = any (\(tokens.map(\.rawValue))::uuid[]) and \(Self.isServed)
            """)
        return Set(try rows.map { try $0.decode("id", as: ReadTokenID.self) })
    }
}
