import ParleyProtocol

/// What may be a lease. No I/O.
enum MeetingLeaseRules {
    /// Of one request. Signaling splits what is more.
    static let maximumLeases = 1_000
    /// Bytes of such a request.
    static let maximumBody = 256 * 1_024

    /// The fields that make leases unacceptable; empty if all is well.
    static func problems(in leases: [MeetingLease]) -> [FieldProblem] {
        guard leases.count <= maximumLeases else { return [FieldProblem("leases", .tooLong)] }
        let isWrong = leases.contains { lease in
            !lease.account.isUUID || !lease.organization.isUUID
                || !isParticipant(lease.participant.rawValue)
        }
        return isWrong ? [FieldProblem("leases", .badFormat)] : []
    }

    private static func isParticipant(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}
