import ParleyProtocol
import Postgres

/// What identity has told of organizations.
struct OrganizationStore: Sendable {
    let pool: PostgresPool

    func keep(_ states: [OrganizationStates.Item]) async throws {
        guard !states.isEmpty else { return }
        try await pool.transaction { connection in
            for state in states {
                try connection.execute(
                    """
                    insert into organization (id, is_disabled, allows_attendance)
                    values (\(state.organization), \(state.disabled), \(state.attendance))
                    on conflict (id) do update
                    set is_disabled = excluded.is_disabled, allows_attendance = excluded.allows_attendance
                    where (organization.is_disabled, organization.allows_attendance)
                        is distinct from (excluded.is_disabled, excluded.allows_attendance)
                    """)
            }
        }
    }
}
