import Foundation
import ParleyProtocol
import Postgres
import TestSupport
import Testing

@testable import PresenceService

@Suite("Accounts that were deleted, whoever is late", .timeLimit(.minutes(2)))
struct RemovedAccountTests {
    @Test("who was deleted leaves nothing")
    func removal() async throws {
        try await PeopleBench.run { bench in
            try await bench.people.set(ManualPresence(state: .busy, text: "Writing"), of: bench.person)
            try await AccountStore(pool: bench.people.settings.pool).remove(bench.person.account)
            try await bench.people.change(bench.person, [.removed])
            #expect(try await bench.seen() == .hidden)
            // A token lives a moment longer than its account.
            try await bench.people.set(ManualPresence(state: .busy), of: bench.person)
            let late = PresenceProfiles.Item(
                account: bench.person.account, organization: bench.person.organization, inMeetings: .busy, isShown: true
            )
            #expect(try await AccountStore(pool: bench.people.settings.pool).keep([late]).isEmpty)
            try await bench.loseMemory()
            #expect(try await bench.seen() == .hidden)
        }
    }

    @Test("whoever is late with what was set before the account was deleted brings nothing back")
    func removalMeanwhile() async throws {
        try await PeopleBench.run { bench in
            let settings = bench.people.settings
            // Read by who is about to tell it.
            let old = try #require(try await settings.set(ManualPresence(state: .busy), of: bench.person))
            try await AccountStore(pool: settings.pool).remove(bench.person.account)
            try await bench.people.change(bench.person, [.removed])
            // They may die afterwards, and a meeting may go on for a moment.
            _ = try await bench.people.store.change(bench.person, [.settings(old), .meeting(Sample.participant())])
            try await bench.settleEnds()
            #expect(try await bench.seen() == .hidden)
            try await bench.people.change(bench.person, [.device("laptop", isActive: true)])
            #expect(try await bench.seen() == .hidden)
            #expect(try await bench.people.own(bench.person).manual == ManualPresence())
        }
    }

    @Test("whoever begins an organization anew with what was set before an account was deleted brings nothing back")
    func removalAtBeginning() async throws {
        try await PeopleBench.run { bench in
            let settings = bench.people.settings
            try await bench.people.set(ManualPresence(state: .busy), of: bench.person)
            try await bench.loseMemory()
            try await bench.people.store.watch(bench.person.organization)
            let page = try await settings.settings(in: bench.person.organization, after: nil)
            #expect(page.map(\.account) == [bench.person.account])
            try await AccountStore(pool: settings.pool).remove(bench.person.account)
            // As it is done before the organization has begun, by another process.
            _ = try await bench.people.store.change(bench.person, [.removed])
            for (_, old) in page { _ = try await bench.people.store.change(bench.person, [.settings(old)]) }
            try await bench.people.store.begin(bench.person.organization)
            try await bench.settleEnds()
            #expect(try await bench.seen() == .hidden)
        }
    }

    @Test("a profile and the removal of its account at once leave nothing")
    func profileMeanwhile() async throws {
        try await PeopleBench.run { bench in
            let accounts = AccountStore(pool: bench.people.settings.pool)
            let person = bench.person
            let item = PresenceProfiles.Item(
                account: person.account, organization: person.organization, inMeetings: .doNotDisturb, isShown: true)
            // Either is half done when the other comes.
            let keeping = try await accounts.pool.transaction { connection in
                try AccountStore.lock(connection)
                try connection.execute("insert into removed_account (account_id) values (\(person.account))")
                try connection.execute("delete from person where account_id = \(person.account)")
                let keeping = Task.detached { try await accounts.keep([item]) }
                try Self.awaitWaiting(connection)
                return keeping
            }
            #expect(try await keeping.value.isEmpty)
            try await accounts.pool.execute("delete from removed_account")
            let removing = try await accounts.pool.transaction { connection in
                try AccountStore.lock(connection)
                try connection.execute(
                    """
                    insert into person (account_id, organization_id, in_meetings)
                    values (\(person.account), \(person.organization), 'do_not_disturb')
                    """)
                let removing = Task.detached { try await accounts.remove(person.account) }
                try Self.awaitWaiting(connection)
                return removing
            }
            try await removing.value
            #expect(try await bench.people.settings.settings(of: person) == PersonSettings())
        }
    }

    /// Until somebody waits for a lock of this database, or could have done what they want without it.
    private static func awaitWaiting(_ connection: isolated PostgresConnection) throws {
        let deadline = ContinuousClock.now + .seconds(5)
        let waiting: SQL = """
            select 1 from pg_locks where locktype = 'advisory' and not granted
            and database = (select oid from pg_database where datname = current_database())
            """
        while try connection.query(waiting).isEmpty, ContinuousClock.now < deadline {
            try connection.execute("select pg_sleep(0.01)")
        }
    }
}
