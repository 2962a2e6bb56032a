import ParleyProtocol
import Postgres

/// Pictures in PostgreSQL.
struct PictureStore: Sendable {
    let pool: PostgresPool

    /// Of an enabled account of the organization.
    func find(_ account: AccountID, in organization: OrganizationID) async throws -> (type: String, bytes: [UInt8])? {
        let rows = try await pool.query(
            """
            select p.media_type, p.bytes from account_picture p join account a on a.id = p.account_id
            where a.id = \(account) and a.organization_id = \(organization) and a.is_enabled
            """)
        return try rows.first.map { (try $0.decode("media_type"), try $0.decode("bytes")) }
    }

    func set(_ picture: Picture, of account: AccountID) async throws {
        try await pool.execute(
            """
            insert into account_picture (account_id, media_type, bytes, digest)
            values (\(account), \(picture.kind), \(picture.bytes), \(picture.digest))
            on conflict (account_id) do update
            set media_type = excluded.media_type, bytes = excluded.bytes, digest = excluded.digest
            """)
    }

    func remove(of account: AccountID) async throws {
        try await pool.execute("delete from account_picture where account_id = \(account)")
    }
}
