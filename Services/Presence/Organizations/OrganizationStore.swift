import ParleyProtocol
import Postgres

/// Which organizations are disabled, as identity has told.
struct OrganizationStore: Sendable {
    let pool: PostgresPool

    /// A page of the list, in one statement.
    ///
    /// - Throws: `PostgresError`.
    func keep(_ states: [OrganizationStates.Item]) async throws {
        guard !states.isEmpty else { return }
        let (all, disabled) = (
            states.map(\.organization.rawValue), states.filter(\.disabled).map(\.organization.rawValue)
        )
        // Several processes keep the same page: in one order, they wait for each other in a line.
        try await pool.execute(
            """
            insert into organization (id, is_disabled)
            select distinct id, id = any (\(disabled)::uuid[]) from unnest(\(all)::uuid[]) as page (id) order by id
            on conflict (id) do update set is_disabled = excluded.is_disabled
            where organization.is_disabled <> excluded.is_disabled
            """)
    }
}
