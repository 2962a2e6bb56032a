import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import ParleyProtocol
import Postgres
import ServiceKit

@testable import DirectoryService

/// What signaling tells of one meeting, in tests.
struct ReportedMeeting: Sendable {
    let directory: Harness
    let room: RoomView
    let owner: AccessClaims
    var id = MeetingID("Meeting00001")
    var startedAt = Date(timeIntervalSince1970: Date.now.timeIntervalSince1970.rounded() - 600)

    var path: String { "/api/directory/rooms/\(room.id)/meetings" }

    static func person(
        _ id: String, _ name: String = "", account: AccountID? = nil, joinedAt: Date = .now
    ) -> AttendanceReport.Person {
        AttendanceReport.Person(
            participant: ParticipantID(id), name: name.isEmpty ? "Guest \(id)" : name, account: account,
            joinedAt: joinedAt)
    }

    @discardableResult
    func report(
        _ present: [AttendanceReport.Person] = [], left: [String] = [], at: Date = .now, ended: Bool = false,
        from service: ServiceName = .signaling
    ) async throws -> String {
        let report = AttendanceReport(
            meeting: id, startedAt: startedAt, present: present,
            left: left.map { .init(participant: ParticipantID($0), at: at) }, ended: ended)
        return try await directory.tell("/internal/rooms/\(room.id)/attendance", report, from: service)
    }

    func shown() async throws -> MeetingList.Item? {
        let list: MeetingList = try await directory.send(.get, path, as: owner).decode()
        return list.items.first { $0.id == id }
    }

    func attendance() async throws -> [Attendance.Item] {
        let answer = try await directory.send(.get, "\(path)/\(id)/attendance", as: owner)
        return try answer.decode(as: Attendance.self).items
    }

    /// As if the last report of everybody inside were so old.
    func silence(seconds: Int) async throws {
        try await directory.pool.execute(
            "update attendance set seen_at = now() - make_interval(secs => \(seconds)) where left_at is null")
    }
}

extension Harness {
    /// A room of somebody new, and the first meeting in it.
    func meeting(allows: Bool = true, name: String = "Weekly") async throws -> ReportedMeeting {
        let owner = someone()
        try await allowAttendance(allows, in: owner.organization)
        return ReportedMeeting(directory: self, room: try await create(RoomDraft(name: name), as: owner), owner: owner)
    }

    func allowAttendance(_ allows: Bool, in organization: OrganizationID) async throws {
        try await pool.execute(
            """
            insert into organization (id, is_disabled, allows_attendance) values (\(organization), false, \(allows))
            on conflict (id) do update set allows_attendance = excluded.allows_attendance
            """)
    }

    /// An internal call.
    func tell(_ path: String, _ body: some Encodable, from service: ServiceName) async throws -> String {
        let token = try await ServiceTokens(clusterSecret: Harness.secret).issue(from: service, to: .directory)
        return try await inner.executeRequest(
            uri: path, method: .post,
            headers: [.contentType: "application/json", .authorization: "Bearer \(token)"],
            body: ByteBuffer(bytes: try WireJSON.encode(body))
        ).problem
    }

    func sweep(days: Int = 90) async {
        await MeetingSweeper(
            meetings: MeetingStore(pool: pool, days: days), bans: BanStore(pool: pool), logger: Harness.quiet
        ).sweep()
    }
}
