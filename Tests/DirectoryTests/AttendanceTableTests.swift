import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import ParleyProtocol
import Testing

@testable import DirectoryService

@Suite("Lists of who was there, as tables", .timeLimit(.minutes(1)))
struct AttendanceTableTests {
    /// 50 names that people give to break a spreadsheet, or a reader of one.
    private static let hostile: [String] = {
        let formulas = [
            "=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(\"http://x\")", "=cmd|' /C calc'!A0", "+cmd|'/C calc'!A0",
            "-2+3",
            "@x", "＝1+1", "＋1", "－1", "＠x", "\t=1", "\r=1", "\n=1", "\0=1", " =1", "\u{A0}=1", "\u{200B}=1",
            "\u{FEFF}=1", "\t", "\r", "\0", "\"=1\"", "\"\u{301}=1,\"", "=\"a\"\"b\"", "=1,2", "=1\r\n=2", "==", "=",
            "+", "-", "@",
        ]
        let others = [
            "a,b", "a\"b", "\"", "\"\"", "a\r\nb", "a\nb", ",", ",,", "", " a ", "'", "'=1", "Zoë, \"the\" first", "名前",
            "🙂", "a;b",
        ]
        return formulas + others
    }()

    @Test("names that would be formulas, or end their cell, are one harmless cell each")
    func hostileNames() throws {
        #expect(Self.hostile.count == 50)
        let items = Self.hostile.map { Attendance.Item(name: $0, guest: true, joinedAt: .now, leftAt: nil) }
        let table = AttendanceTable(Attendance(items: items), roomName: "x", language: .en)
        let rows = try #require(readCSV(table.csv))
        #expect(rows.count == 51 && rows.allSatisfy { $0.count == 4 })
        #expect(rows.first == ["Name", "Guest", "Joined", "Left"])
        // Nor for spreadsheets that take a semicolon for the end of a cell without quotes.
        let risky = [Attendance.Item(name: "a;=cmd|'/c calc'!A0;", guest: true, joinedAt: .now, leftAt: nil)]
        let other = AttendanceTable(Attendance(items: risky), roomName: "x", language: .de)
        #expect(other.csv.contains("\r\n\"a;=cmd|'/c calc'!A0;\",\"ja\","))
        for (name, row) in zip(Self.hostile, rows.dropFirst()) {
            let cell = try #require(row.first)
            #expect(cell == name || cell == "'" + name)
            let first = cell.unicodeScalars.first {
                !$0.properties.isWhitespace && $0.properties.generalCategory != .format
            }
            #expect(first.map { !"=+-@＝＋－＠\0".unicodeScalars.contains($0) } ?? true, "\(name)")
        }
        #expect(rows.map { $0.dropFirst().first }.dropFirst().allSatisfy { $0 == "yes" })
    }

    @Test("the owner gets the table in either language, by the query or by what is accepted")
    func languages() async throws {
        try await Harness.run { directory in
            let meeting = try await directory.meeting(name: "Weekly")
            let joined = Date(timeIntervalSince1970: meeting.startedAt.timeIntervalSince1970 + 60)
            try await meeting.report(
                [
                    ReportedMeeting.person("p1", "=Ada", account: meeting.owner.account, joinedAt: meeting.startedAt),
                    ReportedMeeting.person("p2", "Grace", joinedAt: joined),
                ])
            let path = "\(meeting.path)/\(meeting.id)/attendance"
            let german = try await directory.send(.get, path + "?format=csv&language=de", as: meeting.owner)
            #expect(german.headers[.contentType] == "text/csv; charset=utf-8")
            let rows = try #require(readCSV(String(buffer: german.body)))
            #expect(rows.map { Array($0.prefix(2)) } == [["Name", "Gast"], ["'=Ada", "nein"], ["Grace", "ja"]])
            #expect(rows.last?.dropFirst(2).first == joined.formatted(.iso8601))
            #expect(rows.last?.last == "")
            let english = try await directory.send(.get, path + "?format=csv", as: meeting.owner)
            #expect(readCSV(String(buffer: english.body))?.first?.last == "Left")
            let day = meeting.startedAt.formatted(.iso8601).prefix(10)
            #expect(
                english.headers[.contentDisposition]
                    == "attachment; filename=\"Attendance_Weekly_\(day).csv\"; filename*=UTF-8''Attendance%20Weekly%20\(day).csv"
            )
            for odd in ["?format=xls", "?format=csv&language=fr"] {
                let answer = try await directory.send(.get, path + odd, as: meeting.owner)
                #expect(answer.problem == "400 validation_failed")
            }
        }
    }

    @Test(
        "no name of a room ends the header, or its value",
        arguments: [
            "a\r\nSet-Cookie: x=1", "a\"; filename=\"b.exe", "a\\", "../../etc/passwd", "a%0d%0ab", "Zoë 名前 🙂",
            "\u{202E}gpj",
            "\0", "a;b", String(repeating: "x", count: 5_000), "",
        ])
    func fileNames(name: String) throws {
        let header = AttachmentName.header(name, extension: "csv")
        #expect(header.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        #expect(header.utf8.count < 2_500)
        let parts = header.split(separator: "\"", omittingEmptySubsequences: false)
        try #require(parts.count == 3)
        #expect(parts[0] == "attachment; filename=" && parts[1].hasSuffix(".csv"))
        #expect(!parts[1].contains { "\\/%;".contains($0) })
        let extended = try #require(parts[2].wholeMatch(of: /; filename\*=UTF-8''((?:[A-Za-z0-9._-]|%[0-9A-F]{2})*)/))
        let decoded = try #require(String(extended.output.1).removingPercentEncoding)
        #expect(decoded.hasSuffix(".csv") && !decoded.contains { "\r\n\"/\\\u{202E}".contains($0) })
    }

    /// A reader of RFC 4180; `nil` when it is none.
    private func readCSV(_ text: String) -> [[String]]? {
        var rows: [[String]] = []
        var row: [String] = []
        var cell = ""
        var isQuoted = false
        var wasQuoted = false
        var scalars = Array(text.unicodeScalars)[...]
        while let scalar = scalars.popFirst() {
            switch scalar {
            case "\"" where isQuoted && scalars.first == "\"":
                scalars.removeFirst()
                cell.unicodeScalars.append(scalar)
            case "\"" where isQuoted: isQuoted = false
            case "\"" where cell.isEmpty && !wasQuoted: (isQuoted, wasQuoted) = (true, true)
            case "\"": return nil
            case "," where !isQuoted:
                row.append(cell)
                (cell, wasQuoted) = ("", false)
            case "\r" where !isQuoted:
                guard scalars.popFirst() == "\n" else { return nil }
                rows.append(row + [cell])
                (row, cell, wasQuoted) = ([], "", false)
            case "\n" where !isQuoted: return nil
            default: cell.unicodeScalars.append(scalar)
            }
        }
        return isQuoted || !cell.isEmpty || !row.isEmpty ? nil : rows
    }
}
