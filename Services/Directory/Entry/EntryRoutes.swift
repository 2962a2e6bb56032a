import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import ParleyProtocol
import Redis
import ServiceKit

/// The way into a room: whoever has the link, and the PIN if there is one, gets a ticket for signaling.
struct EntryRoutes: Sendable {
    /// How many links to nowhere a source may try in an hour.
    static let missLimit = 1_000

    let store: RoomStore
    let vault: PINVault
    let guesses: PINGuesses
    /// Links to rooms that don't exist, by source: nobody finds rooms by trying.
    let misses: FixedWindow
    let tickets: TicketTokens
    let signaling: SignalingCalls

    static func misses(redis: RedisClient, keyPrefix: String) -> FixedWindow {
        FixedWindow(redis: redis, name: "room-miss", limit: missLimit, window: .seconds(60 * 60), keyPrefix: keyPrefix)
    }

    func add(to group: RouterGroup<ServiceRequestContext>) {
        group.post("rooms/{room}/entry") { try await enter($0, $1) }
    }

    private func enter(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let entry = try await decodeBody(EntryRequest.self, from: request, context: context)
        let onlyChecks = entry.check ?? false
        let room = try await room(context)
        let role: Role = room.isOwned(by: context.account) ? .moderator : .participant
        try await checkPIN(entry.pin, isOptional: role == .moderator, room, source: context.source)
        var grant = EntryGrant(
            room: .init(
                id: room.id, name: room.name, alias: room.alias, description: room.description, color: room.color,
                hasPIN: room.sealedPIN != nil, options: RoomOptions()),
            role: role, admission: .direct, occupancy: nil)
        if !onlyChecks {
            let name = try displayName(entry.displayName, context.account)
            (grant.ticket, grant.ticketExpiresAt) = try await ticket(room, role, name, context.account)
        }
        grant.occupancy = await signaling.occupancy(of: [room.id])[room.id]
        return try jsonResponse(grant)
    }

    private func room(_ context: ServiceRequestContext) async throws -> Room {
        // Before the look-up: who has missed too often learns no more, also not that a room is there.
        let before = try await misses.peek(context.source)
        guard before.allowed else { throw ProblemError.tooManyRequests(retryAfter: before.retryAfter) }
        // What can't be an alias is looked for as little as one that is not there.
        let alias = try? RoomAlias.normalized(try context.parameter("room"))
        guard let alias, let room = try await store.room(alias: alias) else {
            let decision = try await misses.hit(context.source)
            guard decision.allowed else { throw ProblemError.tooManyRequests(retryAfter: decision.retryAfter) }
            throw ProblemError.noSuchRoom
        }
        guard !room.isExpired else {
            throw ProblemError(
                .gone, .roomExpired, "This room was not used for a long time and is no longer available.")
        }
        return room
    }

    /// - Parameter isOptional: Without a PIN it passes.
    private func checkPIN(_ given: String?, isOptional: Bool, _ room: Room, source: String) async throws {
        guard let sealed = room.sealedPIN else { return }
        guard let given = given?.trimmingCharacters(in: .whitespaces), !given.isEmpty else {
            if isOptional { return }
            throw ProblemError(.forbidden, .pinRequired, "This room has a PIN.")
        }
        let right = try vault.open(sealed, room: room.id)
        let isRight = RoomPIN.isEqual(given, right)
        let pin = vault.fingerprint(right, room: room.id)
        switch try await guesses.judge(room.id, pin: pin, source: source, isRight: isRight) {
        case .right: return
        case .wrong: throw ProblemError(.forbidden, .pinWrong, "This is not the PIN of the room.")
        case .locked(let seconds):
            throw ProblemError(
                .tooManyRequests, .pinLocked, "A wrong PIN was given too often. Try again later.", retryAfter: seconds)
        }
    }

    private func displayName(_ given: String?, _ account: AccessClaims?) throws(ProblemError) -> String {
        let given = given?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        if given.isEmpty, let account { return account.displayName }
        do throws(FieldRefusal) {
            return try TextRules.line(given, Limits.displayName)
        } catch {
            throw .validation([FieldProblem("displayName", error.reason)])
        }
    }

    private func ticket(
        _ room: Room, _ role: Role, _ displayName: String, _ account: AccessClaims?
    ) async throws -> (String, Date) {
        let id = SymmetricKey(size: .bits128).withUnsafeBytes { Data($0).base64EncodedString() }
        let claims = TicketClaims(
            id: id, room: room.id, organization: room.organization, roomName: room.name, roomAlias: room.alias,
            role: role, displayName: displayName, account: account?.account, accountOrganization: account?.organization,
            session: account?.session)
        let (token, expiresAt) = try await tickets.issue(claims)
        return (token, expiresAt)
    }
}
