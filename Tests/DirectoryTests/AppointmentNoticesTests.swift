import Foundation
import ParleyProtocol
import Postgres
import ServiceKit
import Synchronization
import Testing

@testable import DirectoryService

/// Keeps what it is told.
private final class Notes: AppointmentNotices {
    struct Refused: Error {}

    private let changes = Mutex<[AppointmentChange]>([])
    private let refuses: Bool

    init(refuses: Bool = false) {
        self.refuses = refuses
    }

    func note(_ changes: [AppointmentChange], _ connection: isolated PostgresConnection) throws {
        guard !refuses else { throw Refused() }
        self.changes.withLock { $0 += changes }
    }

    func drop(room: RoomID, _ connection: isolated PostgresConnection) throws {}

    /// `invited | uninvited | sequence` of each, and nothing is left.
    func take() -> [String] {
        changes.withLock { changes in
            defer { changes = [] }
            return changes.map { change in
                let isCancelled = change.after == nil || !change.uninvited.isEmpty
                let sequence = isCancelled ? change.cancelledSequence : change.after?.sequence ?? 0
                return [change.invited.joined(separator: " "), change.uninvited.joined(separator: " "), "\(sequence)"]
                    .joined(separator: "|")
            }
        }
    }
}

@Suite("What the invitees of an appointment are told", .timeLimit(.minutes(1)))
struct AppointmentNoticesTests {
    private func content(
        _ invitees: [String], start: String = "2040-12-04T10:00", title: String = "Weekly"
    ) throws -> AppointmentContent {
        try AppointmentContent(
            AppointmentDraft(
                title: title, start: start, end: start.replacing("T10", with: "T11"), timeZone: "UTC",
                invitees: invitees.map { "\($0)@x.org" }))
    }

    /// A room as the store has it.
    private func room(_ directory: Harness, _ owner: AccessClaims) async throws -> Room {
        let view = try await directory.create(RoomDraft(name: "Room"), as: owner)
        return try #require(try await RoomStore(pool: directory.pool).room(view.id, of: owner))
    }

    @Test("new people are invited, all are told of what matters, and who is left out no longer has it")
    func changes() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await room(directory, owner)
            let notes = Notes()
            let store = AppointmentStore(pool: directory.pool, notices: notes)
            let made = try await store.create(.random(), in: room, content: try content(["a", "b"]), by: owner)
            #expect(notes.take() == ["a@x.org b@x.org||0"])
            func change(_ content: AppointmentContent) async throws {
                _ = try await store.change(made.id, in: room, wanted: .any, content: content, by: owner).get()
            }
            try await change(try content(["A", "c"]))
            #expect(notes.take() == ["c@x.org|b@x.org|1"])
            try await change(try content(["a", "c"], start: "2040-12-05T10:00"))
            #expect(notes.take() == ["a@x.org c@x.org||2"])
            try await change(try content(["a", "c"], start: "2040-12-05T10:00", title: "Monthly"))
            #expect(notes.take() == ["a@x.org c@x.org||3"])
            try await change(try content(["a"], start: "2040-12-05T10:00", title: "Monthly"))
            #expect(notes.take() == ["|c@x.org|4"])
            // Who comes back needs a higher number than that of the cancellation.
            try await change(try content(["a", "c"], start: "2040-12-05T10:00", title: "Monthly"))
            #expect(notes.take() == ["c@x.org||5"])
            try await change(try content(["a", "c"], start: "2040-12-05T10:00", title: "Monthly"))
            #expect(notes.take() == ["||5"])
            _ = try await store.delete(made.id, in: room, wanted: .any, by: owner).get()
            #expect(notes.take() == ["|a@x.org c@x.org|6"])
        }
    }

    @Test("nobody is told of what is over")
    func over() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await room(directory, owner)
            let notes = Notes()
            let store = AppointmentStore(pool: directory.pool, notices: notes)
            let past = try content(["a"], start: "2020-12-04T10:00")
            let made = try await store.create(.random(), in: room, content: past, by: owner)
            _ = try await store.delete(made.id, in: room, wanted: .any, by: owner).get()
            #expect(notes.take() == ["||0", "||1"])
        }
    }

    @Test("with a room all its appointments are cancelled that are not over")
    func deletion() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await room(directory, owner)
            let notes = Notes()
            let store = AppointmentStore(pool: directory.pool, notices: notes)
            for start in ["2020-12-04T10:00", "2040-12-04T10:00"] {
                _ = try await store.create(.random(), in: room, content: try content(["a"], start: start), by: owner)
            }
            _ = notes.take()
            let editor = RoomEditor(claims: owner, source: "test")
            _ = try await RoomStore(pool: directory.pool).delete(room.id, by: editor, wanted: .any) {
                try store.noteDeletion(of: $0, by: owner, $1)
            }
            #expect(notes.take() == ["|a@x.org|1"])
            let rows = try await directory.pool.query("select 1 from appointment")
            #expect(rows.isEmpty)
        }
    }

    @Test("when nobody can be told, nothing is changed")
    func rollback() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await room(directory, owner)
            let deaf = AppointmentStore(pool: directory.pool, notices: Notes(refuses: true))
            await #expect(throws: Notes.Refused.self) {
                try await deaf.create(.random(), in: room, content: try content(["a"]), by: owner)
            }
            let none = try await deaf.appointments(of: room.id)
            #expect(none.isEmpty)
            let store = AppointmentStore(pool: directory.pool, notices: NoAppointmentNotices())
            let made = try await store.create(.random(), in: room, content: try content(["a"]), by: owner)
            await #expect(throws: Notes.Refused.self) {
                try await deaf.change(
                    made.id, in: room, wanted: .any, content: try content(["b"]), by: owner)
            }
            await #expect(throws: Notes.Refused.self) {
                try await deaf.delete(made.id, in: room, wanted: .any, by: owner)
            }
            let kept = try await store.appointments(of: room.id)
            #expect(kept.map(\.invitees) == [["a@x.org"]])
            #expect(kept.map(\.version) == [1])
        }
    }

    @Test("a series that began long ago is not over while it goes on")
    func endless() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await room(directory, owner)
            let store = AppointmentStore(pool: directory.pool, notices: NoAppointmentNotices())
            var content = try content([], start: "2001-01-01T10:00")
            let schedule = content.schedule
            content.schedule = Schedule(
                start: schedule.start, end: schedule.end, zone: schedule.zone,
                repetition: Repetition(frequency: .daily, end: .never))
            let made = try await store.create(.random(), in: room, content: content, by: owner)
            let next = try await store.next(of: [room.id])
            #expect(next[room.id] == made.next)
            let wait = try #require(made.next).end.timeIntervalSince(made.readAt)
            #expect(wait > 0 && wait <= 24 * 3_600)
        }
    }
}
