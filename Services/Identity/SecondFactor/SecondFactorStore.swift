import Foundation
import ParleyProtocol
import Postgres

/// Second factors in PostgreSQL, sealed. A code is used up in the same statement that checks whether it was.
struct SecondFactorStore: Sendable {
    /// Changes with the second factor, and says nothing of it; null when there is none. Of the account `a`.
    static let mark: SQL = "sha256(a.totp_secret)"

    let pool: PostgresPool
    private let seal: SecretSeal

    init(pool: PostgresPool, clusterSecret: [UInt8]) {
        self.pool = pool
        seal = SecretSeal(clusterSecret: clusterSecret, purpose: "parley second factor v1")
    }

    /// Uses a code up, be it of the authenticator or for recovery.
    /// - Returns: whether it was right.
    func use(_ code: String, of account: AccountID, by actor: AuditActor, now: Date = .now) async throws -> Bool {
        if let recovery = RecoveryCode(typed: code) { return try await use(recovery, of: account, by: actor) }
        let rows = try await pool.query("select totp_secret, totp_step from account where id = \(account)")
        guard let row = rows.first, let sealed = try row.decode("totp_secret", as: [UInt8]?.self) else { return false }
        guard let secret = seal.open(sealed, context: account.rawValue) else { throw SecondFactorSealed() }
        let last: Int64 = try row.decode("totp_step")
        guard let step = TOTP(secret: secret).step(of: code, at: now, after: last) else { return false }
        // Of two who use the same code at once, one is first.
        let used = try await pool.execute(
            "update account set totp_step = \(step) where id = \(account) and totp_step < \(step)")
        return used == 1
    }

    private func use(_ code: RecoveryCode, of account: AccountID, by actor: AuditActor) async throws -> Bool {
        try await pool.transaction { connection in
            let used = try connection.execute(
                "delete from recovery_code where account_id = \(account) and digest = \(code.digest)")
            guard used == 1 else { return false }
            try Self.audit(.recoveryCodeUsed, account, actor, connection)
            return true
        }
    }

    /// Replaces what was before, recovery codes too.
    /// - Throws: `SecondFactorProblem.enrollmentInvalid` when it is not what it was when the new one was offered.
    func set(
        _ acceptance: SecondFactorOffers.Acceptance, of account: AccountID, by actor: AuditActor
    ) async throws -> RecoveryCodes {
        let sealed = try seal.seal(acceptance.totp.secret, context: account.rawValue)
        return try await pool.transaction { connection in
            let changed = try connection.execute(
                """
                update account a set totp_secret = \(sealed), totp_step = \(acceptance.step)
                where id = \(account) and \(Self.mark) is not distinct from \(acceptance.replaces)
                """)
            guard changed == 1 else { throw SecondFactorProblem.enrollmentInvalid }
            try Self.audit(.secondFactorSet, account, actor, connection)
            return try Self.replaceCodes(of: account, connection)
        }
    }

    /// - Returns: whether there was one.
    func remove(of account: AccountID, by actor: AuditActor) async throws -> Bool {
        try await Self.remove(of: account, by: actor, pool)
    }

    /// It is not opened for that, so that the cluster secret is not needed.
    static func remove(of account: AccountID, by actor: AuditActor, _ pool: PostgresPool) async throws -> Bool {
        try await pool.transaction { connection in
            let removed = try connection.execute(
                "update account set totp_secret = null where id = \(account) and totp_secret is not null")
            try connection.execute("delete from recovery_code where account_id = \(account)")
            guard removed == 1 else { return false }
            try Self.audit(.secondFactorRemoved, account, actor, connection)
            return true
        }
    }

    /// The codes of before are worth nothing.
    func replaceCodes(of account: AccountID, by actor: AuditActor) async throws -> RecoveryCodes {
        try await pool.transaction { connection in
            try Self.audit(.recoveryCodesMade, account, actor, connection)
            return try Self.replaceCodes(of: account, connection)
        }
    }

    private static func replaceCodes(
        of account: AccountID, _ connection: isolated PostgresConnection
    ) throws -> RecoveryCodes {
        let codes = RecoveryCode.makeAll()
        try connection.execute("delete from recovery_code where account_id = \(account)")
        for code in codes {
            try connection.execute(
                "insert into recovery_code (account_id, digest) values (\(account), \(code.digest))")
        }
        return RecoveryCodes(recoveryCodes: codes.map(\.text))
    }

    private static func audit(
        _ action: AuditAction, _ account: AccountID, _ actor: AuditActor, _ connection: isolated PostgresConnection
    ) throws {
        let rows = try connection.query("select organization_id, user_name from account where id = \(account)")
        guard let row = rows.first else { return }
        let entry = AuditEntry(
            action: action, actor: actor, organization: try row.decode("organization_id"),
            subject: try row.decode("user_name"), subjectAccount: account)
        try AuditStore.record(entry, connection)
    }
}

/// The stored second factor can't be opened: the cluster secret is another than the one it was sealed with.
struct SecondFactorSealed: Error, CustomStringConvertible {
    var description: String {
        "A stored second factor can't be opened with this cluster secret. Give identity the secret that it had before."
    }
}
