import Foundation
import ParleyProtocol
import Postgres

/// The enabled accounts of an organization, by display name.
struct ColleagueStore: Sendable {
    let pool: PostgresPool

    /// - Parameters:
    ///   - search: part of a display name, whatever the case; all when empty. Not of a user name:
    ///     nobody finds out letter by letter what a colleague signs in with.
    ///   - limit: at least 1.
    func page(
        of organization: OrganizationID, search: String = "", after cursor: ColleagueCursor?, limit: Int
    ) async throws -> ColleaguesView {
        let key = LookupKey.fold(NameRules.tidy(search))
        let rows = try await pool.query(
            """
            select id, display_name, display_name_key from account
            where organization_id = \(organization) and is_enabled
                and (\(key.isEmpty) or position(\(key) in display_name_key) > 0)
                and (\(cursor == nil) or (display_name_key, id) > (\(cursor?.name ?? ""), \(cursor?.account ?? UUID())))
            order by display_name_key, id limit \(limit + 1)
            """)
        let shown = rows.prefix(limit)
        let items = try shown.map { row in
            ColleaguesView.Colleague(account: try row.decode("id"), displayName: try row.decode("display_name"))
        }
        // One row more than asked for was read, to know whether the list goes on.
        guard rows.count > limit, let last = shown.last else { return ColleaguesView(items: items) }
        let next = ColleagueCursor(name: try last.decode("display_name_key"), account: try last.decode("id"))
        return ColleaguesView(items: items, nextCursor: try next.text)
    }
}
