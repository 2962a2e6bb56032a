import ParleyProtocol
import Postgres

/// What identity has told of organizations.
struct OrganizationStore: Sendable {
    let pool: PostgresPool

    /// A page of the list, in one statement.
    func keep(_ states: [OrganizationStates.Item]) async throws {
        guard !states.isEmpty else { return }
        func ids(_ isMeant: (OrganizationStates.Item) -> Bool) -> [String] {
            states.filter(isMeant).map(\.organization.rawValue)
        }
        // Several processes keep the same page: in one order, they wait for each other in a line.
        try await pool.execute(
            """
            insert into organization (id, is_disabled, allows_attendance)
            select distinct id, id = any (\(ids(\.disabled))::uuid[]), id = any (\(ids(\.attendance))::uuid[])
            from unnest(\(ids { _ in true })::uuid[]) as page (id) order by id
            on conflict (id) do update
            set is_disabled = excluded.is_disabled, allows_attendance = excluded.allows_attendance
            where (organization.is_disabled, organization.allows_attendance)
                is distinct from (excluded.is_disabled, excluded.allows_attendance)
            """)
    }
}
