import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import ParleyProtocol
import Redis
import ServiceKit

/// The way into a room: whoever has the link, and the PIN if there is one, gets a ticket for signaling.
struct EntryRoutes: Sendable {
    /// How often a source may ask in an hour for what it learns nothing of.
    static let missLimit = 1_000

    let store: RoomStore
    let vault: PINVault
    let guesses: PINGuesses
    /// Questions that ended before a closed door, by source: nobody finds rooms by trying.
    let misses: FixedWindow
    let tickets: TicketTokens
    let signaling: SignalingCalls
    let appointments: AppointmentStore
    let bans: BanStore

    static func misses(redis: RedisClient, keyPrefix: String) -> FixedWindow {
        FixedWindow(redis: redis, name: "room-miss", limit: missLimit, window: .seconds(60 * 60), keyPrefix: keyPrefix)
    }

    func add(to group: RouterGroup<ServiceRequestContext>) {
        group.post("rooms/{room}/entry") { try await enter($0, $1) }
    }

    private func enter(_ request: Request, _ context: ServiceRequestContext) async throws -> Response {
        let entry = try await decodeBody(EntryRequest.self, from: request, context: context)
        let account = context.account
        let room = try await room(entry.pin, context)
        if !room.isManaged(by: account) { try await bans.checkBan(room, account, source: context.source) }
        let state = await signaling.states(of: [room.id])[room.id]
        let role = room.role(of: account)
        var grant = EntryGrant(
            room: .init(
                id: room.id, name: room.name, alias: room.alias, description: room.description, color: room.color,
                hasPIN: room.sealedPIN != nil, options: room.options),
            role: role, admission: room.admission(of: account, running: state?.running), occupancy: state?.people,
            nextAppointment: try await appointments.next(of: [room.id])[room.id])
        if entry.check != true {
            let name = try displayName(entry.displayName, account)
            (grant.ticket, grant.ticketExpiresAt) = try await ticket(room, role, name, account, context.source)
        }
        return try jsonResponse(grant)
    }

    // MARK: The door

    /// The room, for who may come in.
    private func room(_ pin: String?, _ context: ServiceRequestContext) async throws -> Room {
        let account = context.account
        let source = Self.source(context)
        // Before the look-up: who has missed too often learns no more, also not that a room is there.
        let before = try await misses.peek(source)
        guard before.allowed else { throw ProblemError.tooManyRequests(retryAfter: before.retryAfter) }
        // What can't be an alias is looked for all the same, and counted as one: it must take as long, and tell as little.
        let alias = (try? RoomAlias.normalized(try context.parameter("room"))) ?? "-"
        switch EntryDoor(try await find(alias, for: account), for: account) {
        case .open(let room): return room
        case .expired: throw ProblemError.roomExpired
        case .nowhere:
            try await countMiss(source)
            throw ProblemError.noSuchRoom
        case .pin(let room):
            let pin = pin?.trimmingCharacters(in: .whitespaces) ?? ""
            guard try await isRight(pin, room, alias: alias, context), let room else {
                try await countMiss(source)
                throw pin.isEmpty ? ProblemError.pinRequired : ProblemError.pinWrong
            }
            guard room.age != .expired else { throw ProblemError.roomExpired }
            return room
        }
    }

    private func find(_ alias: String, for account: AccessClaims?) async throws -> Room? {
        if let room = try await store.room(alias: alias) { return room }
        guard let account else { return nil }
        return try await store.room(formerAlias: alias, of: account)
    }

    /// - Throws: 429 when the limit of guesses is reached.
    private func isRight(
        _ pin: String, _ room: Room?, alias: String, _ context: ServiceRequestContext
    ) async throws -> Bool {
        guard !pin.isEmpty else { return false }
        let right = room.flatMap { vault.readablePIN(of: $0) }
        if room?.sealedPIN != nil, right == nil {
            context.logger.error("A stored PIN can't be read: was the key of PINs changed?")
        }
        let isColleague = context.account != nil && context.account?.organization == room?.organization
        let guess = PINGuesses.Guess(
            key: vault.budgetKey(pin: right, room: room?.id, alias: alias, isColleague: isColleague),
            isRight: RoomPIN.isEqual(pin, right ?? "") && right != nil, source: Self.source(context))
        switch try await guesses.judge(guess) {
        case .right: return true
        case .wrong: return false
        case .locked(let seconds):
            throw ProblemError(
                .tooManyRequests, .pinLocked, "A wrong PIN was given too often. Try again later.", retryAfter: seconds)
        }
    }

    private func countMiss(_ source: String) async throws {
        let decision = try await misses.hit(source)
        guard decision.allowed else { throw ProblemError.tooManyRequests(retryAfter: decision.retryAfter) }
    }

    /// Who has signed in is counted apart from those at the same address.
    private static func source(_ context: ServiceRequestContext) -> String {
        context.account.map { "account \($0.account)" } ?? context.source
    }

    // MARK: The ticket

    private func displayName(_ given: String?, _ account: AccessClaims?) throws(ProblemError) -> String {
        let given = given?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        if given.isEmpty, let account { return account.displayName }
        do throws(FieldRefusal) {
            return try ReadableText.line(given, Limits.displayName)
        } catch {
            throw .validation([FieldProblem("displayName", error.reason)])
        }
    }

    private func ticket(
        _ room: Room, _ role: Role, _ displayName: String, _ account: AccessClaims?, _ source: String
    ) async throws -> (String, Date) {
        let id = SymmetricKey(size: .bits128).withUnsafeBytes { Data($0).base64EncodedString() }
        let claims = TicketClaims(
            id: id, room: room.id, organization: room.organization, roomName: room.name, roomAlias: room.alias,
            role: role, displayName: displayName, account: account?.account, accountOrganization: account?.organization,
            session: account?.session, policy: room.policy, source: source)
        let (token, expiresAt) = try await tickets.issue(claims)
        return (token, expiresAt)
    }
}

extension ProblemError {
    /// The same words whether there is such a room or not.
    static let pinRequired = ProblemError(
        .forbidden, .pinRequired, "This room asks for a PIN, or it does not exist or is no longer available.")
    static let pinWrong = ProblemError(
        .forbidden, .pinWrong, "This is not the PIN, or the room does not exist or is no longer available.")
    static let roomExpired = ProblemError(
        .gone, .roomExpired, "This room was not used for a long time and is no longer available.")
}
