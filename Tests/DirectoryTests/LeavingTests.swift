import Foundation
import ParleyProtocol
import Postgres
import TestSupport
import Testing

@testable import DirectoryService

@Suite("When somebody has left a meeting", .timeLimit(.minutes(1)))
struct LeavingTests {
    private typealias Reported = ReportedMeeting

    /// With the precision of a report.
    private static func time(_ ago: TimeInterval) -> Date {
        Date(timeIntervalSince1970: (Date.now.timeIntervalSince1970 - ago).rounded())
    }

    @Test("the time is that of leaving, not that of the report, and is told once")
    func late() async throws {
        try await Harness.run { directory in
            let meeting = try await directory.meeting()
            let left = Self.time(120)
            try await meeting.report([Reported.person("p1", joinedAt: Self.time(300))])
            try await meeting.report(left: ["p1"], at: left)
            #expect(try await meeting.attendance().map(\.leftAt) == [left])
            #expect(try await meeting.shown()?.endedAt == left)
            try await meeting.report(left: ["p1"], at: Self.time(60), ended: true)
            #expect(try await meeting.attendance().map(\.leftAt) == [left])
        }
    }

    @Test("nobody leaves before coming, or in the future", arguments: [-400.0, 400_000_000_000, .infinity])
    func bounds(_ offset: TimeInterval) async throws {
        try await Harness.run { directory in
            let meeting = try await directory.meeting()
            let joined = Self.time(300)
            let at = Date(timeIntervalSince1970: min(joined.timeIntervalSince1970 + offset, 250_000_000_000))
            try await meeting.report([Reported.person("p1", joinedAt: joined)], left: ["p1"], at: at)
            let leftAt = try #require(try await meeting.attendance().first?.leftAt)
            #expect(leftAt >= joined && leftAt <= .now + 1)
            #expect(offset > 0 || leftAt == joined)
        }
    }

    @Test("what is told goes before what was taken for it while nothing was told")
    func afterSilence() async throws {
        try await Harness.run { directory in
            let meeting = try await directory.meeting()
            try await meeting.report([Reported.person("p1", joinedAt: Self.time(550))])
            try await meeting.silence(seconds: 400)
            await directory.sweep()
            let guessed = try #require(try await meeting.attendance().first?.leftAt)
            let left = Self.time(120)
            try await meeting.report(left: ["p1"], at: left)
            #expect(guessed < left)
            #expect(try await meeting.attendance().map(\.leftAt) == [left])
        }
    }

    @Test("those of whom nobody tells have left with the last one")
    func end() async throws {
        try await Harness.run { directory in
            let meeting = try await directory.meeting()
            let people = ["p1", "p2"].map { Reported.person($0, joinedAt: Self.time(400)) }
            try await meeting.report(people)
            let end = Self.time(200)
            try await meeting.report(left: ["p1"], at: end, ended: true)
            #expect(try await meeting.attendance().map(\.leftAt) == [end, end])
            #expect(try await meeting.shown()?.endedAt == end)
        }
    }
}
