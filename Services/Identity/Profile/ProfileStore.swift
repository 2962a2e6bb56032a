import Foundation
import ParleyProtocol
import Postgres

/// What people set for themselves, in PostgreSQL.
struct ProfileStore: Sendable {
    let pool: PostgresPool

    func find(_ account: AccountID) async throws -> ProfileView? {
        try await pool.query(
            """
            select a.id, a.user_name, a.display_name, a.email, a.language, a.presence_in_meetings, a.shows_presence,
                a.appearance, a.notifications, a.avatar_color, a.origin, a.totp_secret is not null as has_second_factor,
                o.default_language, o.password_minimum, o.second_factor, p.digest as picture,
                (select count(*) from recovery_code c where c.account_id = a.id) as recovery_codes
            from account a join organization o on o.id = a.organization_id
                left join account_picture p on p.account_id = a.id
            where a.id = \(account)
            """
        ).first.map(Self.view)
    }

    /// - Parameter displayName: checked; nothing leaves it as it is.
    /// - Returns: whether there is such an account.
    func change(_ account: AccountID, to draft: ProfileDraft, displayName: String?) async throws -> Bool {
        let name: SQL =
            displayName.map { "display_name = \($0), display_name_key = \(LookupKey.fold($0)), " } ?? ""
        let notifications = Notification.allCases.filter(draft.notifications.contains).map(\.rawValue)
        return try await pool.execute(
            """
            update account set \(name)language = \(draft.language),
                presence_in_meetings = \(draft.presenceInMeetings), shows_presence = \(draft.showsPresence),
                appearance = \(draft.appearance), notifications = \(notifications),
                avatar_color = \(draft.avatarColor), version = version + 1
            where id = \(account)
            """) == 1
    }

    private static func view(_ row: PostgresRow) throws -> ProfileView {
        ProfileView(
            account: try row.decode("id"), userName: try row.decode("user_name"),
            displayName: try row.decode("display_name"), email: try row.decode("email"),
            // A newer release may know more than this one.
            language: try row.decode("language", as: String?.self).flatMap(Language.init(rawValue:)),
            defaultLanguage: try row.decode("default_language", as: String?.self).flatMap(Language.init(rawValue:)),
            presenceInMeetings: try row.decode("presence_in_meetings"),
            showsPresence: try row.decode("shows_presence"), appearance: try row.decode("appearance"),
            notifications: try row.decode("notifications", as: [String].self)
                .compactMap(Notification.init(rawValue:)),
            avatarColor: try row.decode("avatar_color", as: String?.self).flatMap(AvatarColor.init(rawValue:)),
            picture: try row.decode("picture"), origin: try row.decode("origin"),
            passwordMinimum: try row.decode("password_minimum"),
            hasSecondFactor: try row.decode("has_second_factor"),
            needsSecondFactor: try row.decode("second_factor", as: SecondFactorPolicy.self) == .required,
            recoveryCodesLeft: try row.decode("recovery_codes"))
    }
}
