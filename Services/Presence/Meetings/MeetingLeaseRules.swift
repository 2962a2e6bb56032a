import ParleyProtocol

/// What may be a lease, and what leases mean for those who look. No I/O.
enum MeetingLeaseRules {
    /// Of one request. Signaling splits what is more.
    static let maximumLeases = 1_000
    /// Bytes of such a request.
    static let maximumBody = 256 * 1_024

    /// The fields that make leases unacceptable; empty if all is well.
    static func problems(in leases: [MeetingLease]) -> [FieldProblem] {
        guard leases.count <= maximumLeases else { return [FieldProblem("leases", .tooLong)] }
        let isWrong = leases.contains { lease in
            !isUUID(lease.account.rawValue) || !isUUID(lease.organization.rawValue)
                || !isParticipant(lease.participant.rawValue)
        }
        return isWrong ? [FieldProblem("leases", .badFormat)] : []
    }

    /// Everybody with at least one lease is busy, once, in the order of their ids.
    static func snapshot(of members: [MeetingMember]) -> PresenceSnapshot {
        let accounts = Set(members.map(\.account)).sorted { $0.rawValue < $1.rawValue }
        return PresenceSnapshot(items: accounts.map { PresenceView(account: $0, seen: .inMeeting) })
    }

    /// In lower case, as all ids are: another spelling would be another person.
    private static func isUUID(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return false }
        return bytes.enumerated().allSatisfy { index, byte in
            [8, 13, 18, 23].contains(index) ? byte == UInt8(ascii: "-") : isHexadecimal(byte)
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    private static func isParticipant(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != MeetingMember.separator }
    }
}

/// One account in one meeting, as the store writes it: `account/participant`. The participant tells two meetings apart.
struct MeetingMember: Hashable, Sendable {
    static let separator = UInt8(ascii: "/")

    let account: AccountID
    let participant: ParticipantID

    init(_ lease: MeetingLease) {
        account = lease.account
        participant = lease.participant
    }

    /// Nil for text that is none.
    init?(text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        account = AccountID(String(parts[0]))
        participant = ParticipantID(String(parts[1]))
    }

    var text: String { "\(account)/\(participant)" }
}
