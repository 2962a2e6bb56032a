import Foundation
import HTTPTypes
import HummingbirdTesting
import ParleyProtocol
import Postgres
import ServiceKit
import Testing

@testable import DirectoryService

@Suite("What is kept of meetings, and for how long", .timeLimit(.minutes(1)))
struct MeetingRetentionTests {
    private typealias Reported = ReportedMeeting

    @Test("without the organization's leave no name and no account is kept, and only the number stays")
    func notAllowed() async throws {
        try await Harness.run { directory in
            let owner = someone()
            // Nothing is known of the organization.
            let room = try await directory.create(RoomDraft(name: "x"), as: owner)
            let meeting = ReportedMeeting(directory: directory, room: room, owner: owner)
            try await meeting.report([Reported.person("p1", "Ada", account: owner.account)])
            let shown = try #require(try await meeting.shown())
            #expect(shown.people == 1 && !shown.hasAttendance)
            let path = "\(meeting.path)/\(meeting.id)/attendance"
            #expect(try await directory.send(.get, path, as: owner).problem == "404 not_found")
            let rows = try await directory.pool.query("select a::text as everything from attendance a")
            let text: String = try #require(rows.first).decode("everything")
            #expect(!text.contains("Ada") && !text.contains(owner.account.rawValue))
            // What was not kept then does not appear when it is allowed later.
            try await directory.allowAttendance(true, in: owner.organization)
            #expect(try await meeting.shown()?.hasAttendance == false)
            try await meeting.report(left: ["p1"])
            try await directory.pool.execute("update meeting set closed_at = now() - interval '2 hours'")
            await directory.sweep()
            let left = try await directory.pool.query("select 1 from attendance")
            #expect(left.isEmpty)
            #expect(try await meeting.shown()?.people == 1)
            // A report from long ago brings nothing back.
            try await meeting.report([Reported.person("p9", "Eve")])
            #expect(try await meeting.shown() == shown.ended(at: try await meeting.shown()?.endedAt))
        }
    }

    @Test("when the leave is withdrawn, a running meeting loses its names and lists of before are not shown")
    func withdrawn() async throws {
        try await Harness.run { directory in
            let meeting = try await directory.meeting()
            try await meeting.report([Reported.person("p1", "Ada", account: meeting.owner.account)])
            try await directory.allowAttendance(false, in: meeting.owner.organization)
            #expect(try await meeting.shown()?.hasAttendance == false)
            try await meeting.report([Reported.person("p1", "Ada", account: meeting.owner.account)])
            try await directory.allowAttendance(true, in: meeting.owner.organization)
            #expect(try await meeting.shown()?.hasAttendance == false)
            let names = try await directory.pool.query("select 1 from attendance where name <> ''")
            #expect(names.isEmpty)
        }
    }

    @Test("old meetings are removed, and with a history of 0 days all of them")
    func retention() async throws {
        try await Harness.run { directory in
            var meeting = try await directory.meeting()
            for (id, days) in [("old", 91), ("young", 89)] {
                meeting.id = MeetingID(id)
                try await meeting.report([Reported.person("p1")], left: ["p1"])
                try await directory.pool.execute(
                    "update meeting set ended_at = now() - make_interval(days => \(days)) where id = \(id)")
            }
            meeting.id = MeetingID("running")
            try await meeting.report([Reported.person("p1")])
            await directory.sweep()
            let kept = try await directory.pool.query("select id from meeting order by id")
                .map { try $0.decode("id", as: String.self) }
            #expect(kept == ["running", "young"])
            await directory.sweep(days: 0)
            let left = try await directory.pool.query("select 1 from meeting")
            #expect(left.isEmpty)
        }
    }

    @Test("history and bans go with their room")
    func deletion() async throws {
        try await Harness.run { directory in
            let meeting = try await directory.meeting()
            try await meeting.report([Reported.person("p1")])
            let path = "/api/directory/rooms/\(meeting.room.id)"
            #expect(try await directory.send(.delete, path, as: meeting.owner, ifMatch: "*").status == .noContent)
            let left = try await directory.pool.query(
                "select room_id from meeting union select room_id from attendance")
            #expect(left.isEmpty)
            #expect(try await meeting.report([Reported.person("p1")]) == "404 room_not_found")
        }
    }

    @Test("a deleted account leaves no trace in the history of others' rooms but that somebody was there")
    func formerAccount() async throws {
        try await Harness.run { directory in
            let meeting = try await directory.meeting()
            let person = someone(organization: meeting.owner.organization.rawValue)
            try await meeting.report([
                Reported.person("p1", "Grace", account: person.account), Reported.person("p2", "Eve"),
            ])
            let ban = BanReport(name: "Grace", account: person.account, source: nil, by: "Ada", byAccount: nil)
            let made = BanReport(
                name: "Eve", account: nil, source: "203.0.113.7", by: "Grace", byAccount: person.account)
            for report in [ban, made] {
                let path = "/internal/rooms/\(meeting.room.id)/bans"
                #expect(try await directory.tell(path, report, from: .signaling) == "204")
            }
            let gone = RemovedAccounts.Item(account: person.account, organization: person.organization)
            _ = try await OwnerStore(pool: directory.pool).remove(
                RemovedAccounts(items: [gone], position: 1, hasMore: false))
            #expect(Set(try await meeting.attendance().map(\.name)) == ["", "Eve"])
            #expect(try await meeting.shown()?.people == 2)
            let bans: BanList = try await directory.send(
                .get, "/api/directory/rooms/\(meeting.room.id)/bans", as: meeting.owner
            ).decode()
            #expect(bans.items.map(\.name) == ["Eve"] && bans.items.map(\.bannedBy) == [""])
        }
    }

    @Test("without a history nothing of a report is kept, and the room is young all the same")
    func noHistory() async throws {
        try await Harness.run(historyDays: 0) { directory in
            let meeting = try await directory.meeting()
            try await directory.age(meeting.room.id, days: 80)
            #expect(try await meeting.report([Reported.person("p1")]) == "204")
            #expect(try await meeting.shown() == nil)
            let rows = try await directory.pool.query("select 1 from meeting")
            #expect(rows.isEmpty)
            let room: RoomView = try await directory.send(
                .get, "/api/directory/rooms/\(meeting.room.id)", as: meeting.owner
            ).decode()
            #expect(abs(room.lastUsedAt.timeIntervalSinceNow) < 60)
        }
    }

    @Test("a history may be kept for 0 to 3650 days", arguments: ["-1", "3651", "x"])
    func setting(days: String) {
        let error = #expect(throws: SettingsError.self) {
            try DirectorySettings(Settings(environment: ["PARLEY_HISTORY_DAYS": days]))
        }
        let text = String(describing: error?.problems ?? [])
        #expect(text.contains("PARLEY_HISTORY_DAYS"))
    }
}

extension MeetingList.Item {
    fileprivate func ended(at end: Date?) -> MeetingList.Item {
        var item = self
        item.endedAt = end
        return item
    }
}
