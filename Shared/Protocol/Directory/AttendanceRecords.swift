import Foundation

/// `GET /internal/accounts/{account}/attendance?organization=&after=` at directory: the meetings in which an account is known to have
/// been, also in rooms of others, for the person's export.
public struct AttendanceRecords: Codable, Hashable, Sendable {
    /// One page.
    public var attendance: [AttendanceRecord]
    /// What to ask for with `after` to get the next page; nothing on the last one.
    public var next: String?

    public init(attendance: [AttendanceRecord], next: String? = nil) {
        self.attendance = attendance
        self.next = next
    }
}

/// That somebody was in a meeting.
public struct AttendanceRecord: Codable, Hashable, Sendable {
    /// Absent unless the person manages the room now.
    public var roomName: String?
    /// As the person was called there; empty where names are not kept.
    public var name: String
    public var joinedAt: Date
    /// Absent while the person is there.
    public var leftAt: Date?

    public init(roomName: String? = nil, name: String, joinedAt: Date, leftAt: Date? = nil) {
        self.roomName = roomName
        self.name = name
        self.joinedAt = joinedAt
        self.leftAt = leftAt
    }
}
