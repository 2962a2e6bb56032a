import Foundation
import ParleyProtocol
import Postgres
import ServiceKit

/// Organizations in PostgreSQL.
struct OrganizationStore: Sendable {
    enum Change: Sendable {
        case done(OrganizationSettingsView)
        case otherVersion
        case noSuchOrganization
    }

    let pool: PostgresPool

    /// - Throws: `InputProblem` when its UCSID or an alias belongs to an organization already.
    @discardableResult
    func add(
        _ organization: NewOrganization, by actor: AuditActor = .commandLine
    ) async throws -> OrganizationSettingsView {
        let id = OrganizationID(UUID().uuidString.lowercased())
        let settings = organization.settings.draft
        return try await pool.transaction { connection in
            try connection.execute(
                """
                insert into organization (id, ucsid, name, sign_in_domains, password_minimum, room_creators,
                    default_language, second_factor, attendance)
                values (\(id), \(organization.ucsid.text), \(settings.name), \(settings.signInDomains),
                    \(settings.passwordMinimum), \(settings.roomCreators), \(settings.defaultLanguage),
                    \(settings.secondFactor), \(settings.attendance))
                """)
            try Self.add([organization.ucsid], to: id, isUCSID: true, connection)
            try Self.add(organization.settings.aliases, to: id, isUCSID: false, connection)
            let entry = AuditEntry(
                action: .organizationAdded, actor: actor, organization: id, subject: organization.ucsid.text)
            try AuditStore.record(entry, connection)
            return try Self.required(id, connection)
        }
    }

    func find(_ id: OrganizationID) async throws -> OrganizationSettingsView? {
        try await pool.withConnection { connection in try Self.find(id, connection) }
    }

    /// By UCSID or alias.
    func find(handle: String) async throws -> OrganizationSettingsView? {
        let key = LookupKey.fold(NameRules.tidy(handle))
        return try await pool.withConnection { connection in
            let rows = try connection.query("select organization_id from organization_handle where key = \(key)")
            guard let id = try rows.first?.decode("organization_id", as: OrganizationID.self) else { return nil }
            return try Self.find(id, connection)
        }
    }

    /// All, by UCSID.
    func all() async throws -> [OrganizationSettingsView] {
        try await pool.query("select \(raw: Self.columns) from organization o order by lower(ucsid)")
            .map(Self.view)
    }

    /// - Throws: `InputProblem` when an alias belongs to another organization.
    func change(
        _ id: OrganizationID, wanted: WantedVersion, to draft: OrganizationDraft, by actor: AuditActor
    ) async throws -> Change {
        try await pool.transaction { connection in
            guard let former = try Self.find(id, connection, locked: true) else { return .noSuchOrganization }
            guard wanted.allows(former.version) else { return .otherVersion }
            let ucsid = try OrganizationHandle(former.ucsid, "The UCSID", field: "ucsid")
            let settings = try OrganizationSettings(draft, ucsid: ucsid)
            let new = settings.draft
            try connection.execute(
                """
                update organization set name = \(new.name), sign_in_domains = \(new.signInDomains),
                    password_minimum = \(new.passwordMinimum), room_creators = \(new.roomCreators),
                    default_language = \(new.defaultLanguage), second_factor = \(new.secondFactor),
                    attendance = \(new.attendance),
                    version = version + 1
                where id = \(id)
                """)
            try connection.execute(
                "delete from organization_handle where organization_id = \(id) and not is_ucsid")
            try Self.add(settings.aliases, to: id, isUCSID: false, connection)
            if new.roomCreators != former.settings.roomCreators { try Self.renewTokens(of: id, connection) }
            let entry = AuditEntry(
                action: .organizationChanged, actor: actor, organization: id, subject: former.ucsid,
                detail: Self.differences(former.settings, new))
            try AuditStore.record(entry, connection)
            return .done(try Self.required(id, connection))
        }
    }

    /// A disabled organization's sessions end, and nobody of it signs in.
    func setEnabled(_ id: OrganizationID, _ isEnabled: Bool, by actor: AuditActor) async throws -> Change {
        try await pool.transaction { connection in
            guard let former = try Self.find(id, connection, locked: true) else { return .noSuchOrganization }
            guard former.isEnabled != isEnabled else { return .done(former) }
            try connection.execute(
                "update organization set is_enabled = \(isEnabled), version = version + 1 where id = \(id)")
            if !isEnabled {
                try connection.execute(
                    """
                    delete from session using account
                    where account.id = session.account_id and account.organization_id = \(id)
                    """)
            }
            let entry = AuditEntry(
                action: isEnabled ? .organizationEnabled : .organizationDisabled, actor: actor, organization: id,
                subject: former.ucsid)
            try AuditStore.record(entry, connection)
            return .done(try Self.required(id, connection))
        }
    }

    // MARK: For other services

    /// One page, by id.
    func states(after id: OrganizationID?, limit: Int = 500) async throws -> OrganizationStates {
        let start: SQL = id.map { "where id > \($0)" } ?? ""
        let items = try await pool.query(
            "select id, is_enabled, attendance from organization \(start) order by id limit \(limit)"
        ).map { row in
            OrganizationStates.Item(
                organization: try row.decode("id"), disabled: !(try row.decode("is_enabled", as: Bool.self)),
                attendance: try row.decode("attendance", as: AttendancePolicy.self) == .owner)
        }
        return OrganizationStates(items: items, next: items.count == limit ? items.last?.organization : nil)
    }

    /// Those of these accounts that belong to the organization and may sign in.
    func cards(of accounts: [AccountID], in organization: OrganizationID) async throws -> [AccountCards.Card] {
        try await pool.query(
            """
            select a.id, a.user_name, a.display_name, a.email,
                coalesce(a.language, o.default_language, 'en') as language
            from account a join organization o on o.id = a.organization_id
            where o.id = \(organization) and o.is_enabled and a.is_enabled
                and a.id = any(\(accounts.map(\.rawValue))::uuid[])
            """
        ).map { row in
            AccountCards.Card(
                account: try row.decode("id"), userName: try row.decode("user_name"),
                displayName: try row.decode("display_name"), email: try row.decode("email"),
                language: try row.decode("language"))
        }
    }

    // MARK: Parts

    private static let columns: StaticString = """
        o.id, o.ucsid, o.name, o.is_enabled, o.sign_in_domains, o.password_minimum, o.room_creators,
        o.default_language, o.second_factor, o.attendance, o.version,
        array(select handle from organization_handle h
            where h.organization_id = o.id and not h.is_ucsid order by h.key) as aliases
        """

    private static func find(
        _ id: OrganizationID, _ connection: isolated PostgresConnection, locked: Bool = false
    ) throws -> OrganizationSettingsView? {
        let lock: SQL = locked ? "for update" : ""
        return try connection.query("select \(raw: columns) from organization o where o.id = \(id) \(lock)")
            .first.map(view)
    }

    private static func required(
        _ id: OrganizationID, _ connection: isolated PostgresConnection
    ) throws -> OrganizationSettingsView {
        guard let view = try find(id, connection) else {
            throw PostgresError(.decoding, "An organization that was just written is not there.")
        }
        return view
    }

    private static func add(
        _ handles: [OrganizationHandle], to id: OrganizationID, isUCSID: Bool,
        _ connection: isolated PostgresConnection
    ) throws {
        for handle in handles {
            let added = try connection.execute(
                """
                insert into organization_handle (key, organization_id, handle, is_ucsid)
                values (\(handle.key), \(id), \(handle.text), \(isUCSID)) on conflict (key) do nothing
                """)
            guard added == 1 else {
                throw InputProblem(
                    "An organization with the UCSID or alias \(handle.text.debugDescription) exists already.",
                    field: FieldProblem(isUCSID ? "ucsid" : "aliases", .taken), code: .organizationTaken)
            }
        }
    }

    /// Everybody's permissions have changed: tokens of before are worth nothing.
    private static func renewTokens(of id: OrganizationID, _ connection: isolated PostgresConnection) throws {
        try connection.execute(
            """
            with changed as (
                update account set generation = generation + 1 where organization_id = \(id)
                returning id, generation)
            insert into revocation (account_id, generation) select id, generation from changed
            """)
    }

    private static func differences(_ old: OrganizationDraft, _ new: OrganizationDraft) -> [String: String] {
        var detail: [String: String] = [:]
        func note(_ name: String, _ before: String, _ after: String) {
            if before != after { detail[name] = "\(before) → \(after)" }
        }
        note("name", old.name, new.name)
        note("aliases", old.aliases.sorted().joined(separator: ", "), new.aliases.sorted().joined(separator: ", "))
        note("signInDomains", old.signInDomains.joined(separator: ", "), new.signInDomains.joined(separator: ", "))
        note("passwordMinimum", "\(old.passwordMinimum)", "\(new.passwordMinimum)")
        note("roomCreators", old.roomCreators.rawValue, new.roomCreators.rawValue)
        note("defaultLanguage", old.defaultLanguage?.rawValue ?? "none", new.defaultLanguage?.rawValue ?? "none")
        note("secondFactor", old.secondFactor.rawValue, new.secondFactor.rawValue)
        note("attendance", old.attendance.rawValue, new.attendance.rawValue)
        return detail
    }

    private static func view(_ row: PostgresRow) throws -> OrganizationSettingsView {
        let draft = OrganizationDraft(
            name: try row.decode("name"), aliases: try row.decode("aliases"),
            signInDomains: try row.decode("sign_in_domains"), passwordMinimum: try row.decode("password_minimum"),
            roomCreators: try row.decode("room_creators"), defaultLanguage: try row.decode("default_language"),
            secondFactor: try row.decode("second_factor"), attendance: try row.decode("attendance"))
        return OrganizationSettingsView(
            id: try row.decode("id"), ucsid: try row.decode("ucsid"), isEnabled: try row.decode("is_enabled"),
            settings: draft, version: try row.decode("version"))
    }
}
