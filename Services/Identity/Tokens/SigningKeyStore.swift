import Postgres

/// Signing keys in PostgreSQL, sealed.
struct SigningKeyStore: Sendable {
    let pool: PostgresPool
    let seal: SigningKeySeal

    /// All keys, the newest first; that one signs, and all are published. Makes one when there is none: instances that
    /// start together wait for each other here, so that they sign with the same.
    /// - Throws: `SigningKeySeal.WrongSecret`, or the database's error.
    func loadOrMake() async throws -> [SigningKey] {
        try await pool.transaction { connection in
            // The lock ends with the transaction.
            try connection.execute("select pg_advisory_xact_lock(hashtextextended('parley identity signing key', 0))")
            let rows = try connection.query("select id, sealed_key from signing_key order by created_at desc, id")
            let stored = try rows.map { row in
                try seal.open(try row.decode("sealed_key"), id: try row.decode("id"))
            }
            guard stored.isEmpty else { return stored }
            let key = SigningKey()
            try connection.execute(
                "insert into signing_key (id, sealed_key) values (\(key.id), \(try seal.seal(key)))")
            return [key]
        }
    }
}
