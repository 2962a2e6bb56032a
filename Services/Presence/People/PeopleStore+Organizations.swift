import Foundation
import ParleyProtocol
import Redis

// Organizations as a whole: reading, and what ends by itself.
extension PeopleStore {
    /// Milliseconds after which an organization in which something can end is looked at again, by whoever comes first.
    private static let look = 2_000
    /// Milliseconds after the last sign of anybody for which an organization is looked at in any case, so that it is noted seldom.
    private static let alive = 60_000
    /// Organizations of one look, and people of one.
    static let page = 200

    /// Of everybody, or of these accounts; nothing for an organization whose settings are not in Redis.
    func snapshot(of organization: OrganizationID, accounts: [AccountID]? = nil) async throws -> PeopleSnapshot? {
        if let accounts, accounts.isEmpty { return try await snapshot(of: organization, accounts: [AccountID("")]) }
        let reply = try await redis.evaluate(
            accounts == nil ? PeopleScript.snapshot : PeopleScript.views,
            keys: [key(organization, "meta"), key(organization, "seen")],
            arguments: (accounts ?? []).map { RedisArgument($0.rawValue) })
        guard let values = reply.array, values.count == 3, let epoch = values[0].string, let seq = values[1].int,
            let views = values[2].array
        else { throw RedisError(.invalidReply, "not a snapshot of people") }
        guard !epoch.isEmpty else { return nil }
        return PeopleSnapshot(
            epoch: epoch, seq: seq,
            views: zip(views, views.dropFirst()).enumerated().compactMap { index, pair in
                guard index.isMultiple(of: 2), let account = pair.0.string, let json = pair.1.bytes else { return nil }
                return RawPresenceView(account: AccountID(account), json: json)
            })
    }

    /// The newest position; nothing for an organization whose settings are not in Redis.
    func position(of organization: OrganizationID) async throws -> PeoplePosition? {
        let reply = try await redis.evaluate(PeopleScript.position, keys: [key(organization, "meta")])
        guard let values = reply.array, values.count == 2, let epoch = values[0].string, let seq = values[1].int else {
            throw RedisError(.invalidReply, "not a position")
        }
        return epoch.isEmpty ? nil : PeoplePosition(epoch: epoch, seq: seq)
    }

    /// The changes after a position, in order; nothing when they are not known so far back, or another epoch has begun.
    func changes(
        of organization: OrganizationID, epoch: String, after seq: Int
    ) async throws -> [PeopleChange]? {
        let reply = try await redis.evaluate(
            PeopleScript.since, keys: [key(organization, "meta"), key(organization, "log")],
            arguments: [RedisArgument(epoch), RedisArgument(seq)])
        return try reply.array?.map { value in
            guard let bytes = value.bytes, let space = bytes.firstIndex(of: UInt8(ascii: " ")),
                let seq = Int(String(decoding: bytes[..<space], as: UTF8.self))
            else { throw RedisError(.invalidReply, "not a change of presence") }
            return PeopleChange(seq: seq, view: Array(bytes[bytes.index(after: space)...]))
        }
    }

    /// Notes that something in the organization ends by itself.
    func watch(_ organization: OrganizationID) async throws {
        try await redis.send("ZADD", RedisArgument(organizationsKey), "NX", "0", RedisArgument(organization.rawValue))
    }

    /// Organizations that are to be looked at now; nobody else gets them for a while.
    func claimOrganizations() async throws -> [OrganizationID] {
        let reply = try await redis.evaluate(
            PeopleScript.claim, keys: [organizationsKey],
            arguments: [RedisArgument(Self.look), RedisArgument(Self.page)])
        return (reply.array ?? []).compactMap { $0.string.map { OrganizationID($0) } }
    }

    /// People with something that has ended. An organization in which nothing ends any more is not looked at again.
    func ended(in organization: OrganizationID) async throws -> [AccountID] {
        let (accounts, isAlive) = try await readEnded(in: organization)
        guard !isAlive else { return accounts }
        try await redis.send(["ZREM", RedisArgument(organizationsKey), RedisArgument(organization.rawValue)])
        // Somebody may have come in between, and noted it before it was removed.
        if try await readEnded(in: organization).isAlive { try await watch(organization) }
        return accounts
    }

    private func readEnded(in organization: OrganizationID) async throws -> (accounts: [AccountID], isAlive: Bool) {
        let reply = try await redis.evaluate(
            PeopleScript.ended, keys: [key(organization, "due"), key(organization, "meta")],
            arguments: [RedisArgument(Self.page), RedisArgument(Self.alive)])
        guard let values = reply.array, values.count == 2, let accounts = values[0].array, let isAlive = values[1].int
        else { throw RedisError(.invalidReply, "not a list of ends") }
        return (accounts.compactMap { $0.string.map { AccountID($0) } }, isAlive == 1)
    }

    private var organizationsKey: String { "\(prefix)p:organizations" }
}
