import Foundation
import ParleyProtocol
import Redis

/// One person of one organization.
struct PersonKey: Hashable, Sendable {
    let organization: OrganizationID
    let account: AccountID
}

/// What changes about a person.
enum PersonChange: Hashable, Sendable {
    /// They are in a meeting, for a lease from now on.
    case meeting(ParticipantID)
    case meetingEnded(ParticipantID)
    /// A device is there, for a lease from now on.
    case device(String, isActive: Bool)
    /// A device counts for this time more, because its socket has ended: it may be back in a moment.
    case deviceLeaving(String, isActive: Bool, Duration)
    case deviceGone(String)
    case settings(PersonSettings)
    /// The account was deleted. Nothing is seen of it from now on, whoever is late with what was set before.
    case removed
}

/// The state of all people, in Redis. Most methods are one call of one script.
///
/// All throw `RedisError` when Redis is away or does not answer in time; the change may have been made then. All may be called
/// again.
struct PeopleStore: Sendable {
    /// How long a meeting or a device counts from its last sign, in milliseconds.
    private let lease: Int
    let redis: RedisClient
    let prefix: String

    init(redis: RedisClient, lease: Duration = .seconds(Limits.presenceLease), prefix: String = "") {
        self.redis = redis
        self.prefix = prefix
        self.lease = Int(min(lease, .seconds(24 * 60 * 60)) / .milliseconds(1))
    }

    // MARK: One person

    /// What is known of a person.
    struct Found: Hashable, Sendable {
        /// Nothing when they must be read from PostgreSQL.
        let settings: PersonSettings?
        let rawSettings: String
        /// Whether what was set by hand has ended, by the clock of Redis.
        let isOver: Bool
        let meetings: Int
        let activeDevices: Int
        let inactiveDevices: Int
        /// What others see now, as JSON; nothing when that is offline.
        let view: [UInt8]
        /// Whether the organization's settings have been read.
        let isBegun: Bool
        /// Whether others may not have been told of something that has ended.
        let isUnsettled: Bool

        /// What the person has set by hand, as long as it holds.
        var manual: ManualPresence { isOver ? ManualPresence() : settings?.manual ?? ManualPresence() }

        var seen: SeenPresence {
            PersonalState(
                manual: manual, profile: settings?.profile ?? PresenceProfile(), meetings: meetings,
                activeDevices: activeDevices, inactiveDevices: inactiveDevices
            ).seen
        }
    }

    enum Settling: Hashable, Sendable {
        /// Others see the view, and see it changed or not.
        case done(changed: Bool)
        /// Something has changed meanwhile.
        case other(Found)
        /// The organization's settings must be read first.
        case unbegun
    }

    func change(_ person: PersonKey, _ changes: [PersonChange]) async throws -> Found {
        let arguments =
            [RedisArgument(person.account.rawValue), RedisArgument(channel(person.organization))]
            + (try changes.flatMap(words))
        let reply = try await redis.evaluate(PeopleScript.change, keys: keys(person), arguments: arguments)
        return try Self.answer(reply).found
    }

    /// Lets others see what follows from `found`, unless it holds no more.
    func settle(_ person: PersonKey, _ found: Found) async throws -> Settling {
        let seen = found.seen
        let view = try WireJSON.encode(PresenceView(account: person.account, seen: seen))
        guard !found.isBegun || found.isUnsettled || found.view != (seen == .hidden ? [] : view) else {
            return .done(changed: false)
        }
        let reply = try await redis.evaluate(
            PeopleScript.settle, keys: keys(person) + [key(person.organization, "log")],
            arguments: [
                RedisArgument(person.account.rawValue), RedisArgument(found.rawSettings), found.isOver ? "1" : "0",
                RedisArgument(found.meetings),
                RedisArgument(found.activeDevices), RedisArgument(found.inactiveDevices), RedisArgument(view),
                seen == .hidden ? "1" : "0", RedisArgument(channel(person.organization)),
            ])
        let answer = try Self.answer(reply)
        switch answer.status {
        case "changed": return .done(changed: true)
        case "same": return .done(changed: false)
        case "unbegun": return .unbegun
        default: return .other(answer.found)
        }
    }

    // MARK: An organization

    /// Where changes are told, as `epoch seq view`.
    func channel(_ organization: OrganizationID) -> String { key(organization, "changes") }

    /// To be called when the settings of its people are in Redis.
    func begin(_ organization: OrganizationID) async throws {
        let epoch = RedisArgument(UUID().uuidString.lowercased())
        let keys = ["meta", "seen", "log"].map { key(organization, $0) }
        _ = try await redis.evaluate(PeopleScript.begin, keys: keys, arguments: [epoch])
    }

    private func keys(_ person: PersonKey) -> [String] {
        ["person:\(person.account)", "due", "seen", "meta"].map { key(person.organization, $0) }
    }

    func key(_ organization: OrganizationID, _ name: String) -> String {
        "{\(prefix)p:\(organization)}:\(name)"
    }

    private func words(_ change: PersonChange) throws -> [RedisArgument] {
        switch change {
        case .meeting(let participant): ["hold", RedisArgument("m:\(participant)"), RedisArgument(lease), ""]
        case .meetingEnded(let participant): ["drop", RedisArgument("m:\(participant)")]
        case .device(let id, let isActive):
            ["hold", RedisArgument("d:\(id)"), RedisArgument(lease), isActive ? "a" : "i"]
        case .deviceLeaving(let id, let isActive, let time):
            ["hold", RedisArgument("d:\(id)"), RedisArgument(Int(time / .milliseconds(1))), isActive ? "a" : "i"]
        case .deviceGone(let id): ["drop", RedisArgument("d:\(id)")]
        case .removed: ["forget"] + (try words(of: .removed))
        case .settings(let settings):
            ["settings"] + (try words(of: settings))
                + [RedisArgument(settings.manual.until.map(Self.milliseconds) ?? "")]
        }
    }

    private func words(of settings: PersonSettings) throws -> [RedisArgument] {
        [RedisArgument(String(settings.version)), RedisArgument(try WireJSON.encode(settings))]
    }

    private static func milliseconds(_ date: Date) -> String {
        String(format: "%.0f", (date.timeIntervalSince1970 * 1_000).rounded(.up))
    }

    private static func answer(_ reply: RESPValue) throws -> (status: String, found: Found) {
        guard let values = reply.array, values.count == 10, let status = values[0].string,
            let epoch = values[2].string, let raw = values[3].string, let isOver = values[4].int,
            let meetings = values[5].int, let active = values[6].int, let inactive = values[7].int,
            let isUnsettled = values[8].int, let view = values[9].bytes
        else { throw RedisError(.invalidReply, "not an answer about a person") }
        // After the version, for who reads it in the script.
        let json = raw.drop { $0 != " " }.dropFirst()
        let settings = json.isEmpty ? nil : try? WireJSON.decoder.decode(PersonSettings.self, from: Data(json.utf8))
        return (
            status,
            Found(
                settings: settings, rawSettings: raw, isOver: isOver == 1, meetings: meetings, activeDevices: active,
                inactiveDevices: inactive, view: view, isBegun: !epoch.isEmpty, isUnsettled: isUnsettled == 1)
        )
    }
}
