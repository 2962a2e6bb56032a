import TestSupport
import Testing

@testable import Postgres

@Suite("Migrations", .timeLimit(.minutes(1)))
struct MigratorTests {
    private let first = Migration(name: "V0001_start", sql: "create table t (v int); insert into t values (1);")
    private let second = Migration(name: "V0002_more", sql: "alter table t add w text")

    @Test("what is missing is applied once, in order, in the service's schema")
    func apply() async throws {
        try await TestDatabase.withDatabase { database in
            let configuration = database.configuration(schema: "rooms")
            let old = Migrator(schema: "rooms", migrations: [first])
            let new = Migrator(schema: "rooms", migrations: [first, second])
            #expect(try await new.pending(configuration) == ["V0001_start", "V0002_more"])
            #expect(try await old.migrate(configuration) == ["V0001_start"])
            #expect(try await new.pending(configuration) == ["V0002_more"])
            #expect(try await new.migrate(configuration) == ["V0002_more"])
            #expect(try await new.migrate(configuration) == [])
            #expect(try await old.migrate(configuration) == [])
            let connection = try await PostgresConnection.connect(configuration)
            #expect(try await connection.query("select v, w from rooms.t").count == 1)
            await connection.close()
        }
    }

    @Test("several processes at once apply each step once")
    func atOnce() async throws {
        try await TestDatabase.withDatabase { database in
            let configuration = database.configuration()
            let migrator = Migrator(schema: "rooms", migrations: [first, second])
            let applied = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<5 { group.addTask { try await migrator.migrate(configuration) } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(applied == ["V0001_start", "V0002_more"])
        }
    }

    @Test("a file that was changed after it was applied is refused")
    func changed() async throws {
        try await TestDatabase.withDatabase { database in
            let configuration = database.configuration()
            try await Migrator(schema: "rooms", migrations: [first]).migrate(configuration)
            let other = Migration(name: first.name, sql: first.sql + " ")
            let migrator = Migrator(schema: "rooms", migrations: [other, second])
            #expect(await failure { try await migrator.migrate(configuration) }?.code == .configuration)
            #expect(try await Migrator(schema: "rooms", migrations: [first, second]).pending(configuration).count == 1)
        }
    }

    @Test("a file that fails leaves nothing of itself and keeps the ones before")
    func failing() async throws {
        try await TestDatabase.withDatabase { database in
            let configuration = database.configuration()
            let broken = Migration(name: "V0002_broken", sql: "create table u (v int); select 1 / 0;")
            let migrator = Migrator(schema: "rooms", migrations: [first, broken])
            #expect(await failure { try await migrator.migrate(configuration) } != nil)
            let pending = try await migrator.pending(configuration)
            #expect(pending == ["V0002_broken"])
            let second = Migration(name: "V0002_u", sql: "create table u ()")
            let applied = try await Migrator(schema: "rooms", migrations: [first, second]).migrate(configuration)
            #expect(applied == ["V0002_u"])
        }
    }

    @Test("a file that ends its transaction, and a list out of order, are refused")
    func misuse() async throws {
        try await TestDatabase.withDatabase { database in
            let configuration = database.configuration()
            let ending = Migrator(schema: "rooms", migrations: [Migration(name: "V0001_x", sql: "select 1; commit;")])
            #expect(await failure { try await ending.migrate(configuration) }?.code == .configuration)
            let mixed = Migrator(schema: "rooms", migrations: [second, first])
            #expect(await failure { try await mixed.migrate(configuration) }?.code == .configuration)
            let odd = Migrator(schema: "rooms; drop", migrations: [])
            #expect(await failure { try await odd.migrate(configuration) }?.code == .configuration)
        }
    }
}
