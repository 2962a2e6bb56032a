/// Brings a service's schema up to date: forward only, each file in its own transaction, one process at a time.
///
/// What was applied stands in `schema_migration` of the same schema. Steps that only a newer release knows are left alone,
/// because the previous release may run on the new schema.
public struct Migrator: Sendable {
    public let schema: String
    public let migrations: [Migration]

    /// - Parameter migrations: In ascending order of their names.
    public init(schema: String, migrations: [Migration]) {
        self.schema = schema
        self.migrations = migrations
    }

    /// Applies what is missing.
    /// - Returns: The names of what was applied now.
    /// - Throws: `PostgresError`; `.configuration` when an applied file was changed since.
    @discardableResult
    public func migrate(_ configuration: PostgresConfiguration) async throws -> [String] {
        try await run(configuration) { connection in
            try connection.execute(
                "select pg_advisory_lock(hashtext('parley migration'), hashtext(\(schema)))")
            try prepareSchema(connection)
            let missing = try missing(connection)
            for migration in missing { try apply(migration, connection) }
            return missing.map(\.name)
        }
    }

    @discardableResult
    public func migrate(_ pool: PostgresPool) async throws -> [String] {
        try await migrate(pool.configuration)
    }

    /// The names of what `migrate` would apply. Changes nothing.
    /// - Throws: as `migrate`.
    public func pending(_ configuration: PostgresConfiguration) async throws -> [String] {
        try await run(configuration) { connection in
            let table = try connection.query("select 1 from pg_tables where \(named("schema_migration"))")
            return try table.isEmpty ? migrations.map(\.name) : missing(connection).map(\.name)
        }
    }

    public func pending(_ pool: PostgresPool) async throws -> [String] {
        try await pending(pool.configuration)
    }

    // MARK: Steps

    /// Works on a connection of its own, because a migration may take long and the advisory lock ends with it.
    private func run(
        _ configuration: PostgresConfiguration,
        _ body: @Sendable (isolated PostgresConnection) throws -> [String]
    ) async throws -> [String] {
        try validate()
        var configuration = configuration
        configuration.schema = schema
        configuration.statementTimeout = .seconds(600)
        configuration.lockTimeout = .seconds(60)
        configuration.applicationName += " migration"
        let connection = try await PostgresConnection.connect(configuration)
        let use = await withTaskCancellationHandler {
            await connection.use(body)
        } onCancel: {
            connection.cancelStatement()
        }
        await connection.close()
        guard case .done(let result, _) = use else {
            throw PostgresError(.connection, "The connection to the database broke.")
        }
        return try result.get()
    }

    private func validate() throws(PostgresError) {
        for (earlier, later) in zip(migrations, migrations.dropFirst()) where earlier.name >= later.name {
            throw PostgresError(.configuration, "Migration \(later.name) stands after \(earlier.name).")
        }
    }

    private func prepareSchema(_ connection: isolated PostgresConnection) throws {
        // Asked first, because `create schema if not exists` wants a right that the service's role need not have.
        if try connection.query("select 1 from pg_namespace where nspname = \(schema)").isEmpty {
            try connection.run(script: "create schema \(schema)")
        }
        if try connection.query("select 1 from pg_tables where \(named("schema_migration"))").isEmpty {
            try connection.run(
                script: """
                    create table schema_migration (
                        name text primary key,
                        sha256 text not null,
                        applied_at timestamptz not null default now()
                    )
                    """)
        }
    }

    private func named(_ table: String) -> SQL {
        "schemaname = \(schema) and tablename = \(table)"
    }

    private func missing(_ connection: isolated PostgresConnection) throws -> [Migration] {
        var recorded: [String: String] = [:]
        for row in try connection.query("select name, sha256 from schema_migration") {
            recorded[try row.decode("name")] = try row.decode("sha256", as: String.self)
        }
        return try migrations.filter { migration in
            guard let hash = recorded[migration.name] else { return true }
            guard hash == migration.sha256 else {
                throw PostgresError(.configuration, "Migration \(migration.name) was changed after it was applied.")
            }
            return false
        }
    }

    private func apply(_ migration: Migration, _ connection: isolated PostgresConnection) throws {
        try connection.transaction { connection in
            try connection.run(script: migration.sql)
            guard connection.isInTransaction else {
                throw PostgresError(.configuration, "Migration \(migration.name) ends its own transaction.")
            }
            try connection.execute(
                "insert into schema_migration (name, sha256) values (\(migration.name), \(migration.sha256))")
        }
    }
}
