import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import ParleyProtocol
import Postgres
import ServiceKit
import Synchronization
import Testing

@testable import DirectoryService

@Suite("Appointments of a room", .timeLimit(.minutes(1)))
struct AppointmentRoutesTests {
    private let draft = AppointmentDraft(
        title: "Weekly", start: "2040-12-04T10:00", end: "2040-12-04T11:00", timeZone: "Europe/Berlin",
        recurrence: Recurrence(frequency: .weekly, count: 10), invitees: ["Bob@Example.org"], includesPIN: true,
        language: "de")

    private func path(_ room: RoomView, _ rest: String = "") -> String {
        "/api/directory/rooms/\(room.id)/appointments\(rest)"
    }

    private func add(
        _ directory: Harness, _ room: RoomView, _ owner: AccessClaims, _ draft: AppointmentDraft? = nil
    ) async throws -> AppointmentView {
        try await directory.send(.post, path(room), draft ?? self.draft, as: owner).decode(.created)
    }

    /// One hour on a day.
    private func on(_ day: String, title: String? = nil) -> AppointmentDraft {
        AppointmentDraft(title: title, start: "\(day)T10:00", end: "\(day)T11:00", timeZone: "UTC")
    }

    @Test("an appointment is made, shown, changed and cancelled")
    func life() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "Room"), as: owner)
            let answer = try await directory.send(.post, path(room), draft, as: owner)
            let made: AppointmentView = try answer.decode(.created)
            #expect(answer.headers[.eTag] == "\"1\"")
            #expect(answer.headers[.location] == path(room, "/\(made.id)"))
            #expect(made.room == room.id)
            #expect(made.title == "Weekly")
            #expect(made.start == draft.start && made.end == draft.end && made.timeZone == draft.timeZone)
            #expect(made.recurrence == draft.recurrence)
            #expect(made.invitees == ["Bob@example.org"])
            #expect(made.includesPIN && made.language == "de" && made.version == 1)
            #expect(
                made.next
                    == Occurrence(
                        start: try moment("2040-12-04T09:00:00Z"), end: try moment("2040-12-04T10:00:00Z"),
                        timeZone: "Europe/Berlin"))
            let shown: AppointmentView = try await directory.send(.get, path(room, "/\(made.id)"), as: owner).decode()
            #expect(shown == made)

            var change = on("2041-01-01")
            change.invitees = []
            let changed = try await directory.send(
                .put, path(room, "/\(made.id)"), change, as: owner, ifMatch: "\"1\"")
            let view: AppointmentView = try changed.decode()
            #expect(view.title == "Room" && view.recurrence == nil && view.invitees.isEmpty && view.version == 2)
            #expect(!view.includesPIN && view.language == "en")
            #expect(changed.headers[.eTag] == "\"2\"")

            let deleted = try await directory.send(.delete, path(room, "/\(made.id)"), as: owner, ifMatch: "\"2\"")
            #expect(deleted.status == .noContent)
            let gone = try await directory.send(.get, path(room, "/\(made.id)"), as: owner)
            #expect(gone.problem == "404 not_found")
        }
    }

    @Test("a change wants the version that it is made to")
    func versions() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "Room"), as: owner)
            let made = try await add(directory, room, owner)
            let one = path(room, "/\(made.id)")
            for method in [HTTPRequest.Method.put, .delete] {
                let without = try await directory.send(method, one, draft, as: owner)
                #expect(without.problem == "428 precondition_required")
                let other = try await directory.send(method, one, draft, as: owner, ifMatch: "\"7\"")
                #expect(other.problem == "412 precondition_failed")
                let nothing = try await directory.send(
                    method, path(room, "/\(newID())"), draft, as: owner, ifMatch: "*")
                #expect(nothing.problem == "404 not_found")
                let odd = try await directory.send(method, path(room, "/x"), draft, as: owner, ifMatch: "*")
                #expect(odd.problem == "404 not_found")
            }
            let shown: AppointmentView = try await directory.send(.get, one, as: owner).decode()
            #expect(shown == made)
        }
    }

    @Test("what is wrong is refused with the fields, and changes nothing")
    func refused() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "Room"), as: owner)
            var bad = draft
            bad.timeZone = "Mars/Olympus"
            bad.invitees = ["x"]
            let answer = try await directory.send(.post, path(room), bad, as: owner)
            #expect(answer.problem == "400 validation_failed")
            #expect(answer.fields.map(\.field) == ["timeZone", "invitees"])
            let list: AppointmentList = try await directory.send(.get, path(room), as: owner).decode()
            #expect(list.items.isEmpty)
            let frequency = try await directory.send(
                .post, path(room), ["start": "2040-12-04T10:00"], as: owner)
            #expect(frequency.problem == "400 bad_request")
        }
    }

    @Test("only who manages the room sees its appointments, its invitation, or that there are any")
    func isolation() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "Room", pin: "1234"), as: owner)
            let other = try await directory.create(RoomDraft(name: "Other"), as: owner)
            let made = try await add(directory, room, owner)
            let one = path(room, "/\(made.id)")
            for stranger in [someone(), someone(organization: owner.organization.rawValue)] {
                let answers = [
                    try await directory.send(.get, path(room), as: stranger),
                    try await directory.send(.post, path(room), draft, as: stranger),
                    try await directory.send(.get, one, as: stranger),
                    try await directory.send(.put, one, draft, as: stranger, ifMatch: "*"),
                    try await directory.send(.delete, one, as: stranger, ifMatch: "*"),
                    try await directory.send(.get, "\(one)/calendar?pin=true", as: stranger),
                    try await directory.send(
                        .get, "/api/directory/rooms/\(room.id)/invitation?pin=true", as: stranger),
                ]
                #expect(answers.map(\.problem) == Array(repeating: "404 room_not_found", count: 7))
            }
            for path in [path(room), one, "\(one)/calendar", "/api/directory/rooms/\(room.id)/invitation"] {
                #expect(try await directory.send(.get, path).problem == "401 unauthenticated")
            }
            // By way of another room of the same owner.
            let elsewhere = try await directory.send(
                .delete, path(other, "/\(made.id)"), as: owner, ifMatch: "*")
            #expect(elsewhere.problem == "404 not_found")
            let shown: AppointmentView = try await directory.send(.get, one, as: owner).decode()
            #expect(shown == made)
        }
    }

    @Test("a deputy sees and makes appointments")
    func deputies() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let deputy = someone(organization: owner.organization.rawValue)
            let room = try await directory.create(RoomDraft(name: "Room"), as: owner)
            try await directory.pool.execute(
                "insert into room_deputy (room_id, account_id) values (\(room.id), \(deputy.account))")
            let made = try await add(directory, room, deputy)
            let list: AppointmentList = try await directory.send(.get, path(room), as: owner).decode()
            #expect(list.items == [made])
        }
    }

    @Test("the next one comes first; those that are over come last, the latest first")
    func order() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "Room"), as: owner)
            for day in ["2041-01-01", "2020-01-01", "2040-01-01", "2021-01-01"] {
                _ = try await add(directory, room, owner, on(day, title: day))
            }
            var endless = on("2019-01-01", title: "endless")
            endless.recurrence = Recurrence(frequency: .daily)
            _ = try await add(directory, room, owner, endless)
            let list: AppointmentList = try await directory.send(.get, path(room), as: owner).decode()
            #expect(list.items.map(\.title) == ["endless", "2040-01-01", "2041-01-01", "2021-01-01", "2020-01-01"])
        }
    }

    @Test("the next one stands in lists of rooms, at the room, and at its door")
    func next() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "Room", alias: "a-room"), as: owner)
            _ = try await directory.create(RoomDraft(name: "Empty"), as: owner)
            for day in ["2041-01-01", "2020-01-01", "2040-01-01"] {
                _ = try await add(directory, room, owner, on(day))
            }
            let wanted = Occurrence(
                start: try moment("2040-01-01T10:00:00Z"), end: try moment("2040-01-01T11:00:00Z"), timeZone: "UTC")
            let rooms = try await directory.rooms(of: owner)
            #expect(
                Dictionary(uniqueKeysWithValues: rooms.map { ($0.name, $0.nextAppointment) }) == [
                    "Room": wanted, "Empty": nil,
                ])
            let shown: RoomView = try await directory.send(.get, "/api/directory/rooms/\(room.id)", as: owner).decode()
            #expect(shown.nextAppointment == wanted)
            let grant: EntryGrant = try await directory.enter("a-room").decode()
            #expect(grant.nextAppointment == wanted)
        }
    }

    @Test("what is over makes place; without any the room is full")
    func limit() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "Room"), as: owner)
            _ = try await add(directory, room, owner, on("2020-01-02", title: "younger"))
            _ = try await add(directory, room, owner, on("2020-01-01", title: "older"))
            let coming = try await add(directory, room, owner, on("2040-01-01"))
            // Copies of the one to come.
            try await directory.pool.execute(
                """
                insert into appointment (id, room_id, title, start_time, end_time, time_zone, language, last_end)
                select gen_random_uuid(), room_id, title, start_time, end_time, time_zone, language, last_end
                from appointment, generate_series(1, \(Limits.appointmentsPerRoom - 3)) where id = \(coming.id)
                """)
            func titles() async throws -> Set<String> {
                let list: AppointmentList = try await directory.send(.get, path(room), as: owner).decode()
                #expect(list.items.count == Limits.appointmentsPerRoom)
                return Set(list.items.map(\.title))
            }
            #expect(try await titles() == ["younger", "older", "Room"])
            _ = try await add(directory, room, owner, on("2040-01-02"))
            #expect(try await titles() == ["younger", "Room"])
            // Two at once don't both take the last place.
            async let one = directory.send(.post, path(room), on("2040-01-03"), as: owner)
            async let other = directory.send(.post, path(room), on("2040-01-03"), as: owner)
            let answers = try await [one, other].map(\.problem)
            #expect(answers.sorted() == ["201", "409 limit_reached"])
            #expect(try await titles() == ["Room"])
        }
    }

    @Test("with the room go its appointments")
    func cascade() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "Room"), as: owner)
            _ = try await add(directory, room, owner)
            let deleted = try await directory.send(
                .delete, "/api/directory/rooms/\(room.id)", as: owner, ifMatch: "*")
            #expect(deleted.status == .noContent)
            let rows = try await directory.pool.query("select 1 from appointment")
            #expect(rows.isEmpty)
        }
    }

    // MARK: Files and invitations

    @Test("the file has the PIN only where it is asked for, and comes under a name that harms nobody")
    func download() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(
                RoomDraft(name: "Room", alias: "a-room", description: "All of us", pin: "471108"), as: owner)
            var draft = draft
            draft.title = "Größe \"1\"; x=y"
            let made = try await add(directory, room, owner, draft)
            func file(_ query: String) async throws -> TestResponse {
                try await directory.send(.get, path(room, "/\(made.id)/calendar\(query)"), as: owner)
            }
            let usual = try await file("")
            #expect(usual.status == .ok)
            #expect(usual.headers[.contentType] == "text/calendar; charset=utf-8; method=PUBLISH")
            #expect(usual.headers[.cacheControl] == "no-store")
            #expect(
                usual.headers[.contentDisposition]
                    == "attachment; filename=\"Gr__e__1___x_y.ics\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20_1_%3B%20x%3Dy.ics"
            )
            let text = String(buffer: usual.body).replacing("\r\n ", with: "")
            #expect(text.contains("\r\nUID:\(made.id)\r\n"))
            #expect(text.contains("\r\nSEQUENCE:0\r\n"))
            #expect(text.contains("\r\nLOCATION:http://localhost:8080/r/a-room\r\n"))
            #expect(text.contains("\\nPIN: 471108\\n"))
            #expect(text.contains("Sie sind zu einer Online-Besprechung eingeladen."))
            let english = String(buffer: try await file("?pin=false&language=en").body)
            #expect(!english.contains("471108"))
            #expect(english.contains("You are invited"))
            #expect(try await file("?pin=yes").problem == "400 validation_failed")
            #expect(try await file("?language=tlh").fields.map(\.field) == ["language"])

            draft.includesPIN = false
            let changed = try await directory.send(
                .put, path(room, "/\(made.id)"), draft, as: owner, ifMatch: "\"1\"")
            #expect(changed.status == .ok)
            let second = String(buffer: try await file("").body)
            #expect(!second.contains("471108"))
            #expect(second.contains("\r\nUID:\(made.id)\r\n"))
            #expect(second.contains("\r\nSEQUENCE:1\r\n"))
            draft.invitees = ["carol@example.org"]
            _ = try await directory.send(.put, path(room, "/\(made.id)"), draft, as: owner, ifMatch: "*")
            #expect(String(buffer: try await file("").body).contains("\r\nSEQUENCE:2\r\n"))
        }
    }

    @Test("the invitation for the clipboard")
    func invitation() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(
                RoomDraft(name: "Room", alias: "a-room", description: "All of us", pin: "471108"), as: owner)
            func text(_ query: String) async throws -> InvitationText {
                try await directory.send(.get, "/api/directory/rooms/\(room.id)/invitation\(query)", as: owner).decode()
            }
            let usual = try await text("")
            #expect(usual.link == "http://localhost:8080/r/a-room")
            #expect(usual.subject == "Invitation: Room")
            #expect(usual.text.contains("All of us") && usual.text.contains(usual.link))
            #expect(!usual.text.contains("471108"))
            let german = try await text("?language=de&pin=true")
            #expect(german.subject == "Einladung: Room")
            #expect(german.text.contains("PIN: 471108"))
        }
    }
}
