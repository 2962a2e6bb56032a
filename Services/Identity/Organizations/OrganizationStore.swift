import Foundation
import ParleyProtocol
import Postgres

/// Organizations in PostgreSQL.
struct OrganizationStore: Sendable {
    let pool: PostgresPool

    /// - Throws: `InputProblem` when its UCSID or an alias belongs to an organization already.
    func add(_ organization: NewOrganization) async throws {
        let id = UUID()
        try await pool.transaction { connection in
            try connection.execute(
                """
                insert into organization (id, ucsid, name)
                values (\(id), \(organization.ucsid.text), \(organization.name))
                """)
            let handles = [(organization.ucsid, true)] + organization.aliases.map { ($0, false) }
            for (handle, isUCSID) in handles {
                let added = try connection.execute(
                    """
                    insert into organization_handle (key, organization_id, handle, is_ucsid)
                    values (\(handle.key), \(id), \(handle.text), \(isUCSID)) on conflict (key) do nothing
                    """)
                guard added == 1 else {
                    throw InputProblem(
                        "An organization with the UCSID or alias \(handle.text.debugDescription) exists already.")
                }
            }
        }
    }
}
