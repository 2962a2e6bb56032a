import Foundation
import ParleyProtocol

/// What PostgreSQL holds of a person, and Redis a copy of.
struct PersonSettings: Codable, Hashable, Sendable {
    /// Of an account that was deleted. No version is newer, so that Redis takes nothing that was read before.
    static let removed = PersonSettings(version: .max, profile: PresenceProfile(isShown: false))

    /// Rises with each change; 0 for who has never changed anything.
    var version: Int64 = 0
    var manual = ManualPresence()
    var profile = PresenceProfile()

    init(version: Int64 = 0, manual: ManualPresence = ManualPresence(), profile: PresenceProfile = PresenceProfile()) {
        self.version = version
        self.manual = manual
        self.profile = profile
    }
}
