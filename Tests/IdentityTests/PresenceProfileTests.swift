import Foundation
import ParleyProtocol
import Postgres
import ServiceKit
import TestSupport
import Testing

@testable import IdentityService

@Suite("What presence is told of people's choices", .timeLimit(.minutes(1)))
struct PresenceProfileTests {
    private static func choose(
        _ account: AccountView, _ inMeetings: PresenceInMeetings, isShown: Bool = true, _ pool: PostgresPool
    ) async throws {
        let draft = ProfileDraft(presenceInMeetings: inMeetings, showsPresence: isShown)
        _ = try await ProfileStore(pool: pool).change(account.account, to: draft, displayName: nil)
    }

    @Test("each account is told of once, as it is now, in the order of the changes; a deleted one not at all")
    func order() async throws {
        try await IdentityBench.run { bench async throws in
            let store = PresenceProfileStore(pool: bench.pool)
            #expect(try await store.page(after: 0) == PresenceProfiles(items: [], position: 0, hasMore: false))
            let (first, _) = try await bench.person("first", [])
            let (second, _) = try await bench.person("second", [])
            let (third, _) = try await bench.person("third", [])
            try await Self.choose(first, .doNotDisturb, bench.pool)
            try await Self.choose(second, .busy, isShown: false, bench.pool)
            try await Self.choose(third, .busy, bench.pool)
            let before = try await store.page(after: 0)
            #expect(before.items.map(\.account) == [first.account, second.account], "the third has changed nothing")
            #expect(before.items.map(\.inMeetings) == [.doNotDisturb, .busy])
            #expect(before.items.map(\.isShown) == [true, false])
            let organization = try await OrganizationStore(pool: bench.pool).find(handle: "demo")?.id
            #expect(before.items.allSatisfy { $0.organization == organization })
            #expect(!before.hasMore)
            try await Self.choose(first, .busy, bench.pool)
            let change = try await store.page(after: before.position)
            #expect(change.items.map(\.account) == [first.account])
            #expect(change.items.map(\.inMeetings) == [.busy], "the usual choice is told of when it was another before")
            #expect(try await store.page(after: 0).items.map(\.account) == [second.account, first.account])
            let pageOfOne = try await store.page(after: 0, limit: 1)
            #expect(pageOfOne.hasMore && pageOfOne.items.map(\.account) == [second.account])
            try await bench.pool.execute("delete from account where id = \(second.account)")
            #expect(try await store.page(after: 0).items.map(\.account) == [first.account])
            #expect(try await store.page(after: change.position).position == change.position)
        }
    }

    @Test("who is disabled is shown to nobody, and as they chose when they are enabled again")
    func disabled() async throws {
        try await IdentityBench.run { bench async throws in
            let store = PresenceProfileStore(pool: bench.pool)
            let (usual, _) = try await bench.person("usual", [])
            let (hidden, _) = try await bench.person("hidden", [])
            try await Self.choose(hidden, .busy, isShown: false, bench.pool)
            func enable(_ isEnabled: Bool) async throws {
                try await bench.pool.execute(
                    "update account set is_enabled = \(isEnabled) where id in (\(usual.account), \(hidden.account))")
            }
            var position: Int64 = 0
            for (isEnabled, shown) in [(false, []), (true, [usual.account])] as [(Bool, [AccountID])] {
                try await enable(isEnabled)
                let page = try await store.page(after: position)
                #expect(Set(page.items.map(\.account)) == [usual.account, hidden.account])
                #expect(page.items.filter(\.isShown).map(\.account) == shown)
                position = page.position
                try await enable(isEnabled)
                #expect(try await store.page(after: position).items.isEmpty, "nothing has changed")
            }
        }
    }

    @Test("a change that begins first and ends last is not missed by who asks in between")
    func commitOrder() async throws {
        try await IdentityBench.run { bench async throws in
            let store = PresenceProfileStore(pool: bench.pool)
            let (first, _) = try await bench.person("first", [])
            let (second, _) = try await bench.person("second", [])
            let early = try await PostgresConnection.connect(bench.settings.database)
            let outcome: Result<[AccountID], any Error>
            do {
                try await early.execute("begin")
                try await early.execute("update account set shows_presence = false where id = \(first.account)")
                async let late: Void = Self.choose(second, .doNotDisturb, bench.pool)
                try await eventually("the later change waits") {
                    let waiting = try await bench.pool.query(
                        """
                        select 1 from pg_locks join pg_database d on d.oid = database
                        where locktype = 'advisory' and not granted and d.datname = current_database()
                        """)
                    return waiting.isEmpty ? "nobody waits" : nil
                }
                let between = try await store.page(after: 0)
                try await early.execute("commit")
                try await late
                outcome = .success(
                    between.items.map(\.account)
                        + (try await store.page(after: between.position)).items.map(\.account))
            } catch {
                outcome = .failure(error)
            }
            await early.close()
            #expect(try outcome.get() == [first.account, second.account])
        }
    }

    @Test("who had chosen before there was the list stands in it; the release before writes into it")
    func backfill() async throws {
        try await TestDatabase.withDatabase { database in
            let configuration = DatabaseSettings.configuration(url: database.url)
            let former = Migrations.all.prefix { $0.name < "V0005" }
            try await Migrator(schema: DatabaseSettings.schema, migrations: Array(former)).migrate(configuration)
            try await PostgresPool.withPool(configuration, logger: IdentityBench.logger) { pool in
                let organization = UUID()
                try await pool.execute(
                    "insert into organization (id, ucsid, name) values (\(organization), 'firma', 'Firma')")
                func add(
                    _ name: String, _ inMeetings: PresenceInMeetings, isShown: Bool, isEnabled: Bool = true
                ) async throws {
                    try await pool.execute(
                        """
                        insert into account (id, organization_id, user_name, user_name_key, display_name,
                            display_name_key, password_hash, presence_in_meetings, shows_presence,
                            is_enabled)
                        values (\(UUID()), \(organization), \(name), \(name), \(name), \(name), '', \(inMeetings),
                            \(isShown), \(isEnabled))
                        """)
                }
                try await add("usual", .busy, isShown: true)
                try await add("quiet", .doNotDisturb, isShown: true)
                try await add("hidden", .busy, isShown: false)
                try await add("disabled", .doNotDisturb, isShown: true, isEnabled: false)
                try await Migrations.migrator.migrate(configuration)
                let store = PresenceProfileStore(pool: pool)
                let found = try await store.page(after: 0)
                #expect(found.items.count == 3)
                #expect(found.items.contains { $0.inMeetings == .doNotDisturb && $0.isShown })
                #expect(found.items.contains { $0.inMeetings == .busy && !$0.isShown })
                #expect(found.items.contains { $0.inMeetings == .doNotDisturb && !$0.isShown })
                try await add("later", .doNotDisturb, isShown: false)
                try await add("also usual", .busy, isShown: true)
                let later = try await store.page(after: found.position)
                #expect(later.items.map(\.isShown) == [false])
            }
        }
    }

    @Test("presence alone asks, with a position")
    func callers() async throws {
        try await IdentityBench.withCalls { bench, call in
            let (person, _) = try await bench.person("person", [])
            try await Self.choose(person, .doNotDisturb, bench.pool)
            let all = try await call(.presence).get("/internal/presence-profiles", as: PresenceProfiles.self)
            #expect(all.items.map(\.account) == [person.account])
            let rest = try await call(.presence).get(
                "/internal/presence-profiles?after=\(all.position)", as: PresenceProfiles.self)
            #expect(rest.items.isEmpty && rest.position == all.position)
            for (caller, query) in [
                (ServiceName.directory, ""), (.signaling, ""), (.presence, "?after=-1"), (.presence, "?after=x"),
            ] {
                await #expect(throws: ServiceCallError.self, "\(caller) \(query)") {
                    try await call(caller).get("/internal/presence-profiles\(query)", as: PresenceProfiles.self)
                }
            }
        }
    }
}
