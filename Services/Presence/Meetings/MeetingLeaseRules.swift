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
            !isUUID(lease.account.rawValue) || !isUUID(lease.organization.rawValue)
                || !isParticipant(lease.participant.rawValue)
        }
        return isWrong ? [FieldProblem("leases", .badFormat)] : []
    }

    /// In lower case, as all ids are: another spelling would be another person.
    static func isUUID(_ text: String) -> Bool {
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
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}
