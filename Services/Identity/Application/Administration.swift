import Logging
import Postgres

/// What an operator does with the subcommands.
public enum Administration {
    /// - Returns: the names of the migrations that were applied now.
    public static func migrate(_ database: PostgresConfiguration) async throws -> [String] {
        try await Migrations.migrator.migrate(database)
    }

    /// - Throws: `InputProblem` when its UCSID or an alias is taken.
    public static func add(
        _ organization: NewOrganization, database: PostgresConfiguration, logger: Logger
    ) async throws {
        try await PostgresPool.withPool(database, logger: logger) { pool in
            try await OrganizationStore(pool: pool).add(organization)
        }
    }

    /// - Parameters:
    ///   - organization: its UCSID or an alias.
    ///   - scryptLogN: what the password's hash costs.
    /// - Throws: `InputProblem` when there is no such organization or the user name is taken.
    public static func add(
        _ account: NewAccount, password: Password, organization: String, scryptLogN: Int,
        database: PostgresConfiguration, logger: Logger
    ) async throws {
        let hasher = PasswordHasher(cost: .standard(logN: scryptLogN), threads: 1)
        let hash = try await hasher.once { try await $0.hash(password) }
        try await PostgresPool.withPool(database, logger: logger) { pool in
            try await AccountStore(pool: pool).add(account, password: hash, organization: organization)
        }
    }
}
