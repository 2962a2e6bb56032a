import Foundation
import ParleyProtocol
import Postgres
import ServiceKit

// What is kept of an account, for the person's export, page by page.
extension OwnerStore {
    /// Records of one answer.
    static let page = 100
    /// Fewer: each may have many invitees.
    static let appointmentPage = 20

    /// By id.
    func records(
        of account: AccountID, in organization: OrganizationID, after room: RoomID?
    ) async throws -> RoomRecords {
        let start: SQL = room.map { "and id > \($0)" } ?? ""
        let records = try await pool.query(
            """
            select id, name, alias, description, color, pin is not null as has_pin, created_at, updated_at, last_used_at
            from room where organization_id = \(organization) and owner_id = \(account) \(start)
            order by id limit \(Self.page)
            """
        ).map { row in
            RoomRecord(
                id: try row.decode("id"), name: try row.decode("name"), alias: try row.decode("alias"),
                description: try row.decode("description"),
                color: RoomColor(rawValue: try row.decode("color")) ?? .blue,
                hasPIN: try row.decode("has_pin"), createdAt: try row.decode("created_at"),
                updatedAt: try row.decode("updated_at"), lastUsedAt: try row.decode("last_used_at"))
        }
        return RoomRecords(rooms: records, next: records.count == Self.page ? records.last?.id : nil)
    }

    /// Of the rooms that the account owns, by id.
    func appointments(
        of account: AccountID, in organization: OrganizationID, after appointment: AppointmentID?
    ) async throws -> AppointmentRecords {
        let start: SQL = appointment.map { "and a.id > \($0)" } ?? ""
        let records = try await pool.query(
            """
            select a.id, a.room_id, a.title, a.start_time, a.end_time, a.time_zone, a.frequency, a.invitees, a.created_at
            from appointment a join room r on r.id = a.room_id
            where r.organization_id = \(organization) and r.owner_id = \(account) \(start)
            order by a.id limit \(Self.appointmentPage)
            """
        ).map { row in
            AppointmentRecord(
                id: try row.decode("id"), room: try row.decode("room_id"), title: try row.decode("title"),
                start: try row.decode("start_time"), end: try row.decode("end_time"),
                timeZone: try row.decode("time_zone"), frequency: try row.decode("frequency"),
                invitees: try row.decode("invitees"), createdAt: try row.decode("created_at"))
        }
        return AppointmentRecords(
            appointments: records, next: records.count == Self.appointmentPage ? records.last?.id : nil)
    }

    /// Where the account is known to have been, in whosever room. Which room it was is told only to who manages it now: others may
    /// have renamed and closed it since.
    func attendance(of account: AccountID, after place: AttendancePlace?) async throws -> AttendanceRecords {
        let start: SQL =
            place.map {
                "and (a.room_id, a.meeting_id, a.participant_id) > (\($0.room)::uuid, \($0.meeting), \($0.participant))"
            } ?? ""
        let rows = try await pool.query(
            """
            select a.room_id, a.meeting_id, a.participant_id, a.name, a.joined_at, a.left_at,
                case when r.owner_id = \(account) or exists (
                    select 1 from room_deputy d where d.room_id = r.id and d.account_id = \(account)) then r.name end as room_name
            from attendance a join room r on r.id = a.room_id where a.account_id = \(account) \(start)
            order by a.room_id, a.meeting_id, a.participant_id limit \(Self.page)
            """)
        let records = try rows.map { row in
            AttendanceRecord(
                roomName: try row.decode("room_name"), name: try row.decode("name"),
                joinedAt: try row.decode("joined_at"), leftAt: try row.decode("left_at"))
        }
        guard rows.count == Self.page, let last = rows.last else { return AttendanceRecords(attendance: records) }
        return AttendanceRecords(attendance: records, next: try AttendancePlace(last).text)
    }
}

/// Where a list of attendance goes on: after this entry.
struct AttendancePlace: Codable, Equatable, Sendable {
    let room: RoomID
    let meeting: String
    let participant: String

    fileprivate init(_ row: PostgresRow) throws {
        room = try row.decode("room_id")
        meeting = try row.decode("meeting_id")
        participant = try row.decode("participant_id")
    }

    /// `nil` when the text was not made here.
    init?(_ text: String) {
        guard let bytes = Base64URL.decode(text),
            let place = try? JSONDecoder().decode(AttendancePlace.self, from: Data(bytes)),
            RoomID(path: place.room.rawValue) != nil, !place.meeting.utf8.contains(0),
            !place.participant.utf8.contains(0)
        else { return nil }
        self = place
    }

    var text: String {
        get throws { Base64URL.encode(try JSONEncoder().encode(self)) }
    }
}
