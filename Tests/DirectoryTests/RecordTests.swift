import Foundation
import HTTPTypes
import HummingbirdTesting
import ParleyProtocol
import Postgres
import ServiceKit
import Testing

@testable import DirectoryService

@Suite("What an export has of directory", .timeLimit(.minutes(1)))
struct RecordTests {
    private func ask(
        _ list: String, of account: AccessClaims, after: String? = nil, from caller: ServiceName = .identity,
        _ directory: Harness
    ) async throws -> TestResponse {
        let token = try await ServiceTokens(clusterSecret: Harness.secret).issue(from: caller, to: .directory)
        let more = after.map { "&after=\($0)" } ?? ""
        return try await directory.inner.executeRequest(
            uri: "/internal/accounts/\(account.account)/\(list)?organization=\(account.organization)\(more)",
            method: .get, headers: [.authorization: "Bearer \(token)"], body: nil)
    }

    @Test("identity gets the appointments of an account's rooms, page by page, and nobody else does")
    func appointments() async throws {
        try await Harness.run { directory in
            let (owner, other) = (someone(), someone())
            let room = try await directory.create(RoomDraft(name: "x"), as: owner)
            let foreign = try await directory.create(RoomDraft(name: "y"), as: other)
            for (id, count) in [(room.id, OwnerStore.appointmentPage + 1), (foreign.id, 1)] {
                // One of them in a time zone that this release does not know.
                try await directory.pool.execute(
                    """
                    insert into appointment (id, room_id, title, start_time, end_time, time_zone, invitees, language)
                    select gen_random_uuid(), \(id), 'Talk ' || n, '2027-03-02T11:00', '2027-03-02T12:00',
                        case n when 1 then 'Moon/Base' else 'Europe/Berlin' end, '{ann@example.org}', 'en'
                    from generate_series(1, \(count)) as n
                    """)
            }
            #expect(try await ask("appointments", of: owner, from: .signaling, directory).status == .forbidden)
            let first: AppointmentRecords = try await ask("appointments", of: owner, directory).decode()
            let second: AppointmentRecords = try await ask(
                "appointments", of: owner, after: first.next?.rawValue, directory
            ).decode()
            let all = first.appointments + second.appointments
            #expect(second.next == nil && Set(all.map(\.id)).count == OwnerStore.appointmentPage + 1)
            #expect(all.allSatisfy { $0.room == room.id && $0.invitees == ["ann@example.org"] })
        }
    }

    @Test("identity gets the meetings in which an account was, in whosever room, page by page")
    func attendance() async throws {
        try await Harness.run { directory in
            let (owner, visitor) = (someone(), someone())
            let room = try await directory.create(RoomDraft(name: "Weekly"), as: owner)
            try await directory.pool.execute(
                """
                insert into meeting (room_id, id, started_at, has_attendance) values (\(room.id), 'Meeting00001', now(), true)
                """)
            for (account, count) in [(visitor, OwnerStore.page + 1), (owner, 1)] {
                try await directory.pool.execute(
                    """
                    insert into attendance (room_id, meeting_id, participant_id, person, name, account_id, is_guest, joined_at)
                    select \(room.id), 'Meeting00001', \(account.account)::text || n, 'p', 'Ada', \(account.account)::uuid,
                        false, now()
                    from generate_series(1, \(count)) as n
                    """)
            }
            #expect(try await ask("attendance", of: visitor, from: .presence, directory).status == .forbidden)
            let first: AttendanceRecords = try await ask("attendance", of: visitor, directory).decode()
            let second: AttendanceRecords = try await ask("attendance", of: visitor, after: first.next, directory)
                .decode()
            #expect(first.attendance.count == OwnerStore.page && second.attendance.count == 1 && second.next == nil)
            let record = try #require(second.attendance.first)
            #expect(record.roomName == nil && record.name == "Ada", "whose room it is may call it otherwise by now")
            let own: AttendanceRecords = try await ask("attendance", of: owner, directory).decode()
            #expect(own.attendance.map(\.roomName) == ["Weekly"])
        }
    }
}
