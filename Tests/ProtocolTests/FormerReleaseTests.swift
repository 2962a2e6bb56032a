import Foundation
import ParleyProtocol
import Testing

/// While services are replaced one after the other, those of the release before still talk to new ones.
@Suite("What the release before said")
struct FormerReleaseTests {
    @Test("who has left, without the time, has left now")
    func leaving() throws {
        let began = Date.now
        let json = #"""
            {"meeting":"m","startedAt":"2026-01-01T00:00:00Z","present":[],"left":["p1",
            {"participant":"p2","at":"2026-01-01T00:10:00Z"}],"ended":true}
            """#
        let report = try WireJSON.decoder.decode(AttendanceReport.self, from: Data(json.utf8))
        #expect(report.left.map(\.participant.rawValue) == ["p1", "p2"])
        #expect(try #require(report.left.first).at >= began)
        #expect(report.left.last?.at == Date(timeIntervalSince1970: 1_767_226_200))
    }

    @Test("a lock without its order is the latest")
    func lock() throws {
        let old = try WireJSON.decoder.decode(LockReport.self, from: Data(#"{"locked":true}"#.utf8))
        #expect(old.locked && old > LockReport(locked: false, lockVersion: 1_000, number: 1))
        let new = LockReport(locked: false, lockVersion: 7, number: 8)
        #expect(try WireJSON.decoder.decode(LockReport.self, from: Data(try WireJSON.encode(new))) == new)
    }
}
