import Foundation
import HTTPTypes
import HummingbirdTesting
import ParleyProtocol
import Postgres
import ServiceKit
import TestSupport
import Testing

@testable import DirectoryService

@Suite("History of meetings", .timeLimit(.minutes(1)))
struct MeetingTests {
    private typealias Reported = ReportedMeeting

    @Test("a meeting is listed with start, end and people, and with who was there and when")
    func life() async throws {
        try await Harness.run { directory in
            let meeting = try await directory.meeting()
            let ada = Reported.person("p1", "Ada", account: meeting.owner.account)
            let guest = Reported.person("p2", "Grace")
            #expect(try await meeting.report([ada]) == "204")
            let begun = try #require(try await meeting.shown())
            #expect(begun.startedAt == meeting.startedAt && begun.endedAt == nil)
            #expect(begun.people == 1 && begun.hasAttendance)
            try await meeting.report([ada, guest])
            try await meeting.report([guest], left: ["p1"])
            let list = try await meeting.attendance()
            #expect(list.map(\.name) == ["Ada", "Grace"])
            #expect(list.map(\.guest) == [false, true])
            #expect(list.map { $0.leftAt == nil } == [false, true])
            #expect(try await meeting.shown()?.endedAt == nil)
            try await meeting.report(left: ["p2"], ended: true)
            let over = try #require(try await meeting.shown())
            #expect(over.people == 2)
            #expect(abs(try #require(over.endedAt).timeIntervalSinceNow) < 60)
            #expect(try await meeting.attendance().allSatisfy { $0.leftAt ?? .distantPast >= $0.joinedAt })
        }
    }

    @Test("a report that comes twice, or after a later one, changes nothing")
    func order() async throws {
        try await Harness.run { directory in
            let meeting = try await directory.meeting()
            let ada = Reported.person("p1", "Ada")
            for _ in 1...2 { try await meeting.report([ada]) }
            for _ in 1...2 { try await meeting.report(left: ["p1"]) }
            let over = try await meeting.attendance()
            #expect(over.count == 1 && over.first?.leftAt != nil)
            // The first one again, held back on its way.
            try await meeting.report([ada])
            #expect(try await meeting.attendance() == over)
            #expect(try await meeting.shown()?.endedAt == over.first?.leftAt)
            // Who comes again under the same id comes later.
            try await meeting.report([Reported.person("p1", "Ada", joinedAt: .now + 5)])
            #expect(try await meeting.attendance().map(\.leftAt) == [nil])
        }
    }

    @Test("who came and went between two reports is in the list")
    func shortVisit() async throws {
        try await Harness.run { directory in
            let meeting = try await directory.meeting()
            try await meeting.report([Reported.person("p1", "Ada")], left: ["p1"])
            #expect(try await meeting.attendance().map(\.name) == ["Ada"])
            #expect(try await meeting.shown()?.endedAt != nil)
        }
    }

    @Test(
        "nodes report their own people: silence of one about those of another means nothing, and moving is no leaving")
    func nodes() async throws {
        try await Harness.run { directory in
            let meeting = try await directory.meeting()
            let (ada, grace) = (Reported.person("p1", "Ada"), Reported.person("p2", "Grace"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for person in [ada, grace, ada, grace] { group.addTask { try await meeting.report([person]) } }
                try await group.waitForAll()
            }
            #expect(try await meeting.attendance().map(\.leftAt) == [nil, nil])
            // Ada has moved to the other node.
            try await meeting.report([])
            try await meeting.report([ada, grace])
            #expect(try await meeting.attendance().map(\.leftAt) == [nil, nil])
            #expect(try await meeting.shown()?.people == 2)
            // One node finds the end before the other has said who is still with it, or not.
            try await meeting.report(ended: true)
            #expect(try await meeting.shown()?.endedAt != nil)
            try await meeting.report([grace], left: ["p1"])
            #expect(try await meeting.shown()?.endedAt == nil)
            #expect(try await meeting.attendance().map { $0.leftAt == nil } == [false, true])
        }
    }

    @Test("people of a node that died have left at its last report, and come back with the next one")
    func crash() async throws {
        try await Harness.run { directory in
            let meeting = try await directory.meeting()
            let (ada, grace) = (Reported.person("p1", "Ada"), Reported.person("p2", "Grace"))
            try await meeting.report([ada, grace])
            try await meeting.silence(seconds: MeetingStore.silence - 30)
            await directory.sweep()
            #expect(try await meeting.shown()?.endedAt == nil)
            try await meeting.silence(seconds: MeetingStore.silence + 30)
            try await meeting.report([grace])
            await directory.sweep()
            #expect(try await meeting.attendance().map { $0.leftAt == nil } == [false, true])
            try await meeting.silence(seconds: MeetingStore.silence + 30)
            await directory.sweep()
            let ended = try #require(try await meeting.shown()?.endedAt)
            #expect(ended == (try await meeting.attendance().compactMap(\.leftAt).max()))
            // Directory was away, and nobody had left.
            try await meeting.report([grace])
            #expect(try await meeting.shown()?.endedAt == nil)
            #expect(try await meeting.shown()?.people == 2)
        }
    }

    @Test("an account that comes twice is one person, a guest is one for each coming")
    func people() async throws {
        try await Harness.run { directory in
            for allows in [true, false] {
                let meeting = try await directory.meeting(allows: allows)
                let account = meeting.owner.account
                try await meeting.report([
                    Reported.person("p1", "Ada", account: account), Reported.person("p2", "Ada", account: account),
                    Reported.person("p3", "Ada"), Reported.person("p4", "Ada"),
                ])
                #expect(try await meeting.shown()?.people == 3)
            }
        }
    }

    @Test("the list comes in pages, newest first, without gaps or doubles")
    func pages() async throws {
        try await Harness.run { directory in
            var meeting = try await directory.meeting()
            for number in 0..<5 {
                meeting.id = MeetingID("m\(number)")
                try await meeting.report([Reported.person("p1")], left: ["p1"])
            }
            // The same moment for some of them: then the id decides.
            try await directory.pool.execute(
                "update meeting set started_at = '2026-01-02 03:04:05.678901' where id < 'm3'")
            var ids: [String] = []
            var query = "?limit=2"
            while true {
                let page: MeetingList = try await directory.send(.get, meeting.path + query, as: meeting.owner).decode()
                ids += page.items.map(\.id.rawValue)
                guard let cursor = page.nextCursor, ids.count < 10 else { break }
                query = "?limit=2&cursor=\(cursor)"
            }
            #expect(ids == ["m4", "m3", "m2", "m1", "m0"])
            for odd in ["?limit=0", "?limit=101", "?cursor=x", "?cursor=1.", "?cursor=1.%00"] {
                let answer = try await directory.send(.get, meeting.path + odd, as: meeting.owner)
                #expect(answer.problem == "400 validation_failed")
            }
        }
    }

    @Test("nobody else reads the history, and only signaling writes it")
    func isolation() async throws {
        try await Harness.run { directory in
            let meeting = try await directory.meeting()
            #expect(try await meeting.report([Reported.person("p1")], from: .presence) == "403 forbidden")
            try await meeting.report([Reported.person("p1")])
            let list = "\(meeting.path)/\(meeting.id)/attendance"
            for path in [meeting.path, list] {
                #expect(try await directory.send(.get, path).problem == "401 unauthenticated")
                for stranger in [someone(), someone(organization: meeting.owner.organization.rawValue)] {
                    #expect(try await directory.send(.get, path, as: stranger).problem == "404 room_not_found")
                }
            }
            // A meeting is that of its room only.
            let other = try await directory.create(RoomDraft(name: "y"), as: meeting.owner)
            let foreign = "/api/directory/rooms/\(other.id)/meetings/\(meeting.id)/attendance"
            #expect(try await directory.send(.get, foreign, as: meeting.owner).problem == "404 not_found")
            for odd in ["nothing", "%00", "a%20b"] {
                let answer = try await directory.send(.get, "\(meeting.path)/\(odd)/attendance", as: meeting.owner)
                #expect(answer.problem == "404 not_found")
            }
        }
    }

    @Test("a report of a room that is not there, or with ids that are none, is refused and changes nothing")
    func oddReports() async throws {
        try await Harness.run { directory in
            let meeting = try await directory.meeting()
            let empty = AttendanceReport(meeting: meeting.id, startedAt: .now, present: [], left: [], ended: true)
            for room in [RoomID.random().rawValue, "x"] {
                let path = "/internal/rooms/\(room)/attendance"
                #expect(try await directory.tell(path, empty, from: .signaling) == "404 room_not_found")
            }
            // The end of a meeting of which nothing was said before.
            #expect(try await meeting.report(ended: true) == "204")
            let odd = [
                Reported.person(""), Reported.person("p 1"), Reported.person(String(repeating: "p", count: 65)),
                Reported.person("p1", account: AccountID("ada")),
            ]
            for person in odd { #expect(try await meeting.report([person]) == "400 validation_failed") }
            #expect(try await meeting.report(left: ["\u{0}"]) == "400 validation_failed")
            #expect(try await meeting.shown() == nil)
            // A name that can't be one is left out, times that can't be any are made such.
            let strange = Reported.person("p1", "a\u{0}b", joinedAt: .distantFuture)
            #expect(try await meeting.report([strange, Reported.person("p2", joinedAt: .distantPast)]) == "204")
            #expect(Set(try await meeting.attendance().map(\.name)) == ["", "Guest p2"])
            #expect(try await meeting.attendance().first?.joinedAt == meeting.startedAt)
        }
    }
}
