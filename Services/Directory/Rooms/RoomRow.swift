import Foundation
import ParleyProtocol
import Postgres

extension Room {
    /// What `init(_:)` reads.
    static var columns: SQL {
        """
        id, organization_id, owner_id, owner_name, is_personal, name, alias, has_secret_alias, description, color, pin,
        options::text as options, is_locked, policy_version, lock_version,
        array(select account_id::text from room_deputy where room_id = room.id order by account_id) as deputies,
        created_at, updated_at, last_used_at, version, \(expiry) as expires_at,
        case when \(expiry) <= now() then 'expired'
            when last_used_at + make_interval(days => \(Limits.roomWarningDays)) <= now() then 'expiring'
            else 'fine' end as age,
        (select day from sweep_day) - expired_on as expired_days,
        exists (select 1 from organization o where o.id = organization_id and o.is_disabled) as is_closed
        """
    }

    static var expiry: SQL { "last_used_at + make_interval(days => \(Limits.roomAgeDays))" }

    /// - Throws: `PostgresError` when the row is not one of `columns`.
    init(_ row: PostgresRow) throws {
        id = try row.decode("id")
        organization = try row.decode("organization_id")
        owner = try row.decode("owner_id")
        ownerName = try row.decode("owner_name")
        isPersonal = try row.decode("is_personal")
        name = try row.decode("name")
        alias = try row.decode("alias")
        hasSecretAlias = try row.decode("has_secret_alias")
        description = try row.decode("description")
        let knownColor = RoomColor(rawValue: try row.decode("color", as: String.self))
        color = knownColor ?? .blue
        hasUnknownColor = knownColor == nil
        sealedPIN = try row.decode("pin")
        storedOptions = StoredOptions(json: try row.decode("options"))
        isLocked = try row.decode("is_locked")
        policyVersion = try row.decode("policy_version")
        lockVersion = try row.decode("lock_version")
        deputies = try row.decode("deputies", as: [String].self).map { AccountID($0) }
        createdAt = try row.decode("created_at")
        updatedAt = try row.decode("updated_at")
        lastUsedAt = try row.decode("last_used_at")
        expiresAt = try row.decode("expires_at")
        age = try row.decode("age")
        expiredDays = try row.decode("expired_days")
        version = try row.decode("version")
        isClosed = try row.decode("is_closed")
    }
}

extension RoomOptions {
    /// As it is kept.
    var json: String {
        get throws { String(decoding: try JSONEncoder().encode(self), as: UTF8.self) }
    }
}
