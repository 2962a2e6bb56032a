import Foundation
import ParleyProtocol
import Testing

/// The browser client has its own copy of limits, close codes and error codes; here it is held against the originals.
@Suite("The browser client's tables")
struct BrowserTablesTests {
    private static let source: String? = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try? String(
            contentsOf: root.appending(path: "Services/Web/public/assets/lib/limits.js"), encoding: .utf8)
    }()

    /// The text of the frozen table of this name; it ends with the first line that closes it.
    private func body(of table: String) throws -> Substring {
        let source = try #require(Self.source)
        let start = try #require(source.range(of: "export const \(table) = Object.freeze("))
        let end = try #require(source[start.upperBound...].firstRange(of: /(?m)^[\]}]\);/))
        return source[start.upperBound..<end.lowerBound]
    }

    /// `name: 123` pairs of a table.
    private func numbers(_ table: String) throws -> [String: Int] {
        let matches = try body(of: table).matches(of: /(?m)^\s*(\w+):\s*([0-9]+),/)
        return Dictionary(matches.map { (String($0.1), Int($0.2) ?? -1) }, uniquingKeysWith: { _, last in last })
    }

    /// `name: Object.freeze({ min: 1, max: 2 })` pairs of a table.
    private func ranges(_ table: String) throws -> [String: ClosedRange<Int>] {
        let pattern = /(?m)^\s*(\w+):\s*Object\.freeze\(\{ min: ([0-9]+), max: ([0-9]+) \}\),/
        let matches = try body(of: table).matches(of: pattern)
        return Dictionary(
            matches.map { (String($0.1), (Int($0.2) ?? 0)...(Int($0.3) ?? 0)) }, uniquingKeysWith: { _, last in last })
    }

    @Test("limits are the same")
    func limits() throws {
        let numbers = [
            "seats": Limits.seats, "generatedPIN": Limits.generatedPIN, "persistentSession": Limits.persistentSession,
            "roomAgeDays": Limits.roomAgeDays, "resumeGrace": Limits.resumeGrace, "ticket": Limits.ticket,
            "ping": Limits.ping, "pingTimeout": Limits.pingTimeout, "message": Limits.message, "frame": Limits.frame,
            "sdp": Limits.sdp, "chatTextBytes": Limits.chatTextBytes, "chatHistory": Limits.chatHistory,
            "screenSlots": Limits.screenSlots,
            "videoSlots": Limits.videoSlots, "audioSlots": Limits.audioSlots,
            "roomWarningDays": Limits.roomWarningDays, "deputies": Limits.deputies, "invitees": Limits.invitees,
            "occurrences": Limits.occurrences, "appointmentHours": Limits.appointmentHours,
            "appointmentsPerRoom": Limits.appointmentsPerRoom, "inactivity": Limits.inactivity,
            "deadLetterDays": Limits.deadLetterDays,
        ]
        let table = try self.numbers("limits")
        for (name, value) in numbers { #expect(table[name] == value, "\(name)") }
        let ranges = try self.ranges("limits")
        #expect(
            ranges == [
                "displayName": Limits.displayName, "roomName": Limits.roomName, "roomAlias": Limits.roomAlias,
                "roomDescription": Limits.roomDescription, "pin": Limits.pin, "chatText": Limits.chatText,
                "presenceText": Limits.presenceText, "readTokenName": Limits.readTokenName, "userName": Limits.userName,
                "passwordBytes": Limits.passwordBytes, "ucsid": Limits.ucsid,
            ])
    }

    @Test("close codes are the same")
    func closeCodes() throws {
        let table = try numbers("closeCodes")
        for code in CloseCode.allCases { #expect(table["\(code)"] == Int(code.rawValue), "\(code)") }
        #expect(table.count == CloseCode.allCases.count)
    }

    @Test("error codes are the same")
    func errorCodes() throws {
        let body = try body(of: "errorCodes")
        let codes = body.matches(of: /['"]([a-z_]+)['"]/).map { String($0.1) }
        #expect(Set(codes) == Set(ErrorCode.allCases.map(\.rawValue)))
    }
}
