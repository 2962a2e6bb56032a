import ParleyProtocol
import Postgres

/// Signing keys in PostgreSQL, sealed.
///
/// A key is published for `lead` before it signs, so that every service knows it by then, and for as long after the next one
/// signs, so that its tokens go on to be good. Nobody is signed out by a rotation: sessions are no tokens.
struct SigningKeyStore: Sendable {
    /// Seconds; twice as long as services keep the key set, and longer than any token lives.
    static let lead = 2 * Limits.accessToken

    let pool: PostgresPool
    let seal: SigningKeySeal

    /// All keys that are published, the one that signs first. Makes one when there is none, and the next when the newest is
    /// older than `days`: instances that do so together wait for each other here.
    /// - Throws: `SigningKeySeal.WrongSecret`, or the database's error.
    func load(rotatingAfter days: Int) async throws -> [SigningKey] {
        try await pool.transaction { connection in
            try Self.lock(connection)
            try connection.execute(
                """
                delete from signing_key k where exists
                    (select 1 from signing_key n where n.signs_from > k.signs_from
                     and n.signs_from < now() - make_interval(secs => \(Self.lead)))
                """)
            let newest = try connection.query(
                """
                select signs_from < now() - make_interval(days => \(days)) as is_old from signing_key
                order by signs_from desc limit 1
                """)
            if let row = newest.first {
                if try row.decode("is_old") { try insert(SigningKey(), after: Self.lead, connection) }
            } else {
                try insert(SigningKey(), after: 0, connection)
            }
            return try keys(connection)
        }
    }

    /// Makes the next key.
    /// - Parameter isCompromised: whether the keys of before must not be believed any more: the next one signs at once, and they
    ///   are gone. Services notice within 5 minutes; until then tokens that were made with them go on to be taken.
    func rotate(isCompromised: Bool) async throws {
        try await pool.transaction { connection in
            try Self.lock(connection)
            if isCompromised { try connection.execute("delete from signing_key") }
            try insert(SigningKey(), after: isCompromised ? 0 : Self.lead, connection)
        }
    }

    /// The lock ends with the transaction.
    private static func lock(_ connection: isolated PostgresConnection) throws {
        try connection.execute("select pg_advisory_xact_lock(hashtextextended('parley identity signing key', 0))")
    }

    private func insert(
        _ key: SigningKey, after seconds: Int, _ connection: isolated PostgresConnection
    ) throws {
        try connection.execute(
            """
            insert into signing_key (id, sealed_key, signs_from)
            values (\(key.id), \(try seal.seal(key)), now() + make_interval(secs => \(seconds)))
            """)
    }

    private func keys(_ connection: isolated PostgresConnection) throws -> [SigningKey] {
        try connection.query(
            "select id, sealed_key from signing_key order by signs_from <= now() desc, signs_from desc, id"
        ).map { row in try seal.open(try row.decode("sealed_key"), id: try row.decode("id")) }
    }
}
