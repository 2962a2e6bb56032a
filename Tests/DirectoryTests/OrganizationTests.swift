import ParleyProtocol
import Postgres
import Testing

@testable import DirectoryService

@Suite("What identity tells of organizations", .timeLimit(.minutes(1)))
struct OrganizationTests {
    @Test("a page is kept in one statement")
    func page() async throws {
        try await Harness.run { directory in
            try await directory.pool.execute("create table statement (number serial)")
            try await directory.pool.execute(
                """
                create function count_statement() returns trigger language plpgsql as $$
                begin insert into statement default values; return null; end $$
                """)
            try await directory.pool.execute(
                """
                create trigger counted after insert on organization for each statement execute function count_statement()
                """)
            let store = OrganizationStore(pool: directory.pool)
            let organizations = (0..<3).map { _ in OrganizationID(newID()) }
            var states = organizations.map {
                OrganizationStates.Item(organization: $0, disabled: false, attendance: true)
            }
            states[1].disabled = true
            states[2].attendance = false
            try await store.keep([])
            try await store.keep(states)
            #expect(try await kept(directory, organizations) == ["false true", "true true", "false false"])
            // A page may name one twice.
            states[0].disabled = true
            try await store.keep(states + [states[0]])
            #expect(try await kept(directory, organizations) == ["true true", "true true", "false false"])
            #expect(try await directory.pool.query("select 1 from statement").count == 2)
        }
    }

    private func kept(_ directory: Harness, _ organizations: [OrganizationID]) async throws -> [String] {
        try await directory.pool.query(
            """
            select concat(is_disabled::text, ' ', allows_attendance::text) as state from organization
            join unnest(\(organizations.map(\.rawValue))::uuid[]) with ordinality as wanted (id, place) using (id)
            order by place
            """
        ).map { try $0.decode("state") }
    }
}
