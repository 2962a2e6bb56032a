import Crypto
import Foundation
import ParleyProtocol

/// A signed-in person at one browser or program, until a fixed time.
struct Session: Hashable, Sendable {
    var id: SessionID
    var account: Account
    /// Absolute; nothing moves it.
    var expiresAt: Date
    var stayLoggedIn: Bool

    /// Seconds from sign-in to the end: 24 h for "stay logged in", else 12 h at most, because the browser ends it before.
    static func lifetime(stayLoggedIn: Bool) -> Int {
        stayLoggedIn ? Limits.persistentSession : Limits.browserSession
    }

    var view: SessionView {
        SessionView(
            session: id, account: account.id, userName: account.userName, displayName: account.displayName,
            permissions: account.permissions, organization: account.organization.view, expiresAt: expiresAt,
            stayLoggedIn: stayLoggedIn)
    }

    var claims: AccessClaims {
        AccessClaims(
            account: account.id, organization: account.organization.id, session: id,
            displayName: account.displayName, permissions: account.permissions, generation: account.generation,
            sessionEndsAt: expiresAt)
    }
}

/// The secret that a browser holds: 256 random bits. The database holds only its SHA-256, with which nobody can sign in.
struct SessionToken: Hashable, Sendable {
    private static let length = 32

    private let bytes: [UInt8]

    init() {
        bytes = .random(count: Self.length)
    }

    /// - Returns: nil for anything else than the text of a token.
    init?(text: String) {
        guard let bytes = [UInt8](base64URL: text), bytes.count == Self.length else { return nil }
        self.bytes = bytes
    }

    var text: String { bytes.base64URL }

    /// What the database holds of it.
    var digest: [UInt8] { Array(SHA256.hash(data: bytes)) }
}
