import Foundation
import HTTPTypes
import HummingbirdTesting
import Logging
import ParleyProtocol
import Postgres
import ServiceKit
import TestSupport
import Testing

@testable import DirectoryService

@Suite("An appointment that this process can't read", .timeLimit(.minutes(1)))
struct UnreadableAppointmentTests {
    private static func draft(_ title: String, _ start: String) -> AppointmentDraft {
        AppointmentDraft(
            title: title, start: "\(start)T10:00", end: "\(start)T11:00", timeZone: "Europe/Berlin",
            recurrence: Recurrence(frequency: .weekly, until: "2045-01-01"), invitees: ["grace@example.org"])
    }

    /// A room with a readable appointment and one that another process has written, before it.
    private static func room(
        _ directory: Harness, _ owner: AccessClaims, change: SQL
    ) async throws -> (room: RoomView, path: String, readable: AppointmentView, odd: AppointmentView) {
        let room = try await directory.create(RoomDraft(name: "Room", alias: "odd-room"), as: owner)
        let path = "/api/directory/rooms/\(room.id)/appointments"
        let one: AppointmentView = try await directory.send(.post, path, draft("Fine", "2041-01-01"), as: owner)
            .decode(.created)
        let other: AppointmentView = try await directory.send(.post, path, draft("Odd", "2040-01-02"), as: owner)
            .decode(.created)
        try await directory.pool.execute("update appointment set \(change) where id = \(other.id)")
        return (room, path, one, other)
    }

    /// The next appointment, wherever it is shown.
    private static func next(_ directory: Harness, of room: RoomView, as owner: AccessClaims) async throws -> [Date?] {
        let list = try await directory.rooms(of: owner)
        let shown: RoomView = try await directory.send(.get, "/api/directory/rooms/\(room.id)", as: owner).decode()
        let grant: EntryGrant = try await directory.enter(room.alias).decode()
        return [list.first?.nextAppointment?.start, shown.nextAppointment?.start, grant.nextAppointment?.start]
    }

    @Test("with a time zone that is not known here it is shown as it was set, without a next time, and can be deleted")
    func zone() async throws {
        try await MailHarness.run { mail in
            let (directory, ada) = (mail.directory, someone())
            mail.people.add(ada, email: "ada@example.org")
            let (room, path, fine, odd) = try await Self.room(directory, ada, change: "time_zone = 'Mars/Olympus'")
            let list: AppointmentList = try await directory.send(.get, path, as: ada).decode()
            #expect(list.items.map(\.title) == ["Fine", "Odd"])
            let shown = try #require(list.items.last)
            #expect(shown.timeZone == "Mars/Olympus" && shown.start == odd.start && shown.next == nil)
            #expect(try await Self.next(directory, of: room, as: ada) == Array(repeating: fine.next?.start, count: 3))
            let one = try await directory.send(.get, "\(path)/\(odd.id)", as: ada)
            #expect(one.status == .ok)
            let file = try await directory.send(.get, "\(path)/\(odd.id)/calendar", as: ada)
            #expect(file.problem == "503 unavailable")
            // It is not over: its invitees hear of changes, in words.
            _ = try await mail.mails(2)
            let changed = try await directory.send(
                .put, "/api/directory/rooms/\(room.id)", RoomDraft(name: "Room", alias: "other-room"), as: ada,
                ifMatch: "*")
            #expect(changed.status == .ok)
            let mails = try await mail.mails(4).suffix(2)
            #expect(
                mails.map { "\($0.subject) \($0.method ?? "-")" }.sorted() == [
                    "Changed: Fine REQUEST", "Changed: Odd -",
                ])
            #expect(mails.allSatisfy { $0.text.contains("/r/other-room") })
            let deleted = try await directory.send(.delete, "\(path)/\(odd.id)", as: ada, ifMatch: "*")
            #expect(deleted.status == .noContent)
        }
    }

    @Test("with what only a newer release knows it is left out, and hides nothing; nor does it keep the room")
    func release() async throws {
        try await Harness.run { directory in
            let ada = someone()
            let (room, path, fine, odd) = try await Self.room(directory, ada, change: "frequency = 'yearly'")
            let list: AppointmentList = try await directory.send(.get, path, as: ada).decode()
            #expect(list.items.map(\.title) == ["Fine"])
            #expect(try await Self.next(directory, of: room, as: ada) == Array(repeating: fine.next?.start, count: 3))
            let one = try await directory.send(.get, "\(path)/\(odd.id)", as: ada)
            #expect(one.problem == "404 not_found")
            let changed = try await directory.send(
                .put, "/api/directory/rooms/\(room.id)", RoomDraft(name: "Hall"), as: ada, ifMatch: "*")
            #expect(changed.status == .ok)
            let deleted = try await directory.send(.delete, "/api/directory/rooms/\(room.id)", as: ada, ifMatch: "*")
            #expect(deleted.status == .noContent)
        }
    }

    @Test("it is logged once")
    func logged() async throws {
        try await Harness.run { directory in
            let ada = someone()
            let (room, _, _, odd) = try await Self.room(directory, ada, change: "time_zone = 'Mars/Olympus'")
            let log = LogLines()
            let store = AppointmentStore(
                pool: directory.pool, notices: NoAppointmentNotices(),
                reader: AppointmentReader(logger: Logger(label: "test") { _ in log.handler }))
            for _ in 1...3 { _ = try await store.next(of: [room.id]) }
            #expect(log.all.count == 1 && log.all.first?.contains("Mars/Olympus") == true)
            try await directory.pool.execute("update appointment set frequency = 'yearly' where id = \(odd.id)")
            for _ in 1...3 { _ = try await store.appointments(of: room.id) }
            #expect(log.all.count == 2 && log.all.last?.contains(odd.id.rawValue) == true)
        }
    }
}
