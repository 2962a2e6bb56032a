import Foundation
import Logging
import Mail
import ParleyProtocol
import Postgres
import ServiceKit
import ServiceLifecycle

/// Tells owners by mail that a room ends soon, and that it has ended; each once for each end. Several processes may do it at once.
///
/// A personal room that was never used says nothing: it was made for its owner, who may not know it, and it is not removed.
struct AgeNotices: Service {
    /// Rooms of one look at each kind.
    static let batch = 100

    let pool: PostgresPool
    let outbox: Outbox
    let identity: IdentityCalls
    let publicURL: String
    /// Days for which an expired room is kept.
    let graceDays: Int
    let logger: Logger
    var interval = Duration.seconds(300)

    private enum Kind: CaseIterable, Sendable {
        case warning, expired

        /// Rooms that are at this point.
        var isDue: SQL {
            switch self {
            case .warning:
                """
                last_used_at <= now() - make_interval(days => \(Limits.roomWarningDays)) and \(Room.expiry) > now()
                and warned_of is distinct from \(Room.expiry)
                """
            case .expired: "\(Room.expiry) <= now() and told_expired_of is distinct from \(Room.expiry)"
            }
        }

        var noted: SQL {
            switch self {
            case .warning: "warned_of = \(Room.expiry)"
            case .expired: "told_expired_of = \(Room.expiry)"
            }
        }
    }

    private struct Candidate: Sendable {
        var room: RoomID
        var organization: OrganizationID
        var owner: AccountID
        var name: String
        var isPersonal: Bool
        var isUnknown: Bool
        var end: Date
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // Jitter: several processes should not do it at the same moment.
                try? await Task.sleep(for: interval * Double.random(in: 0.5...1.25))
                await look()
            }
        }
    }

    /// At most a batch of each kind. What fails is done the next time.
    func look() async {
        for kind in Kind.allCases {
            do {
                let candidates = try await candidates(kind)
                let groups = Dictionary(grouping: candidates, by: \.organization)
                for (organization, rooms) in groups where !Task.isCancelled {
                    let owners = Array(Set(rooms.filter { !$0.isUnknown }.map(\.owner)))
                    let cards = try await identity.cards(of: owners, in: organization)
                    for room in rooms { try await tell(cards.first { $0.account == room.owner }, kind, of: room) }
                }
            } catch {
                logger.info("Owners could not be told of the end of rooms", metadata: ["error": "\(error)"])
            }
        }
    }

    private func candidates(_ kind: Kind) async throws -> [Candidate] {
        try await pool.query(
            """
            select id, organization_id, owner_id, name, is_personal, \(Room.expiry) as expires_at,
                is_personal and last_used_at = created_at as is_unknown
            from room where \(kind.isDue) and \(TrustedClock.holds)
                and not exists (select 1 from organization o where o.id = organization_id and o.is_disabled)
            order by last_used_at limit \(Self.batch)
            """
        ).map { row in
            Candidate(
                room: try row.decode("id"), organization: try row.decode("organization_id"),
                owner: try row.decode("owner_id"), name: try row.decode("name"),
                isPersonal: try row.decode("is_personal"), isUnknown: try row.decode("is_unknown"),
                end: try row.decode("expires_at"))
        }
    }

    /// Of several who come here for the same room only one changes it, and that one writes the mail.
    private func tell(_ owner: AccountCards.Card?, _ kind: Kind, of room: Candidate) async throws {
        let recipient = room.isUnknown ? nil : owner?.email
        let letter = letter(kind, of: room, language: owner.flatMap { InvitationLanguage(rawValue: $0.language) })
        let cause = Outbox.Cause(
            organization: room.organization, account: nil, isCounted: false, topic: "age:\(room.room)",
            room: room.room)
        try await pool.transaction { connection in
            let changed = try connection.execute(
                "update room set \(kind.noted) where id = \(room.room) and \(kind.isDue)")
            guard changed > 0, let recipient else { return }
            try outbox.put([Outbox.Addressed(recipient: recipient, letter: letter)], cause, connection)
        }
    }

    private func letter(_ kind: Kind, of room: Candidate, language: InvitationLanguage?) -> Letter {
        let occasion: AgeLetter.Occasion =
            switch kind {
            case .warning: .warning
            case .expired: .expired(graceDays: room.isPersonal ? nil : graceDays)
            }
        return AgeLetter(
            occasion: occasion, language: language ?? .english, roomName: room.name, end: room.end,
            link: "\(publicURL)/"
        ).letter
    }
}
