import Foundation
import ParleyProtocol

/// Where a list of meetings goes on: after this one, newest first. Opaque to clients.
struct MeetingCursor: Equatable, Sendable {
    var startedAt: Date
    var id: MeetingID

    init(after meeting: MeetingList.Item) {
        startedAt = meeting.startedAt
        id = meeting.id
    }

    /// `nil` when the text was not made here.
    init?(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        // Within 53 bits a `Double` holds microseconds exactly.
        guard parts.count == 2, let microseconds = Int64(parts[0]), microseconds.magnitude < 1 << 53,
            let id = MeetingID(path: String(parts[1]))
        else { return nil }
        startedAt = Date(timeIntervalSince1970: Double(microseconds) / 1e6)
        self.id = id
    }

    var text: String {
        "\(Int64((startedAt.timeIntervalSince1970 * 1e6).rounded())).\(id.rawValue)"
    }
}
