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

    /// `name: 123` pairs of the frozen object that is exported as `table`.
    private func numbers(_ table: String) throws -> [String: Int] {
        let body = try #require(try body(of: table, open: "({", close: "})"))
        var numbers: [String: Int] = [:]
        for match in body.matches(of: /(?m)^\s*(\w+):\s*([0-9_]+),?/) {
            numbers[String(match.1)] = Int(match.2.replacing("_", with: ""))
        }
        return numbers
    }

    private func body(of table: String, open: String, close: String) throws -> Substring? {
        let source = try #require(Self.source)
        guard let start = source.range(of: "export const \(table) = Object.freeze\(open)"),
            let end = source[start.upperBound...].range(of: close)
        else { return nil }
        return source[start.upperBound..<end.lowerBound]
    }

    @Test("limits are the same")
    func limits() throws {
        let table = try numbers("limits")
        let expected = [
            "seats": Limits.seats, "displayName": Limits.displayName.upperBound, "roomName": Limits.roomName.upperBound,
            "roomAliasMinimum": Limits.roomAlias.lowerBound, "roomAlias": Limits.roomAlias.upperBound,
            "roomDescription": Limits.roomDescription.upperBound, "pinMinimum": Limits.pin.lowerBound,
            "pin": Limits.pin.upperBound, "generatedPIN": Limits.generatedPIN, "chatText": Limits.chatText.upperBound,
            "resumeGrace": Limits.resumeGrace, "message": Limits.message, "frame": Limits.frame,
            "screenSlots": Limits.screenSlots, "videoSlots": Limits.videoSlots, "audioSlots": Limits.audioSlots,
        ]
        for (name, value) in expected { #expect(table[name] == value, "\(name)") }
    }

    @Test("close codes are the same")
    func closeCodes() throws {
        let table = try numbers("closeCodes")
        for code in CloseCode.allCases { #expect(table["\(code)"] == Int(code.rawValue), "\(code)") }
        #expect(table.count == CloseCode.allCases.count)
    }

    @Test("error codes are the same")
    func errorCodes() throws {
        let body = try #require(try body(of: "errorCodes", open: "([", close: "])"))
        let codes = body.matches(of: /['"]([a-z_]+)['"]/).map { String($0.1) }
        #expect(Set(codes) == Set(ErrorCode.allCases.map(\.rawValue)))
    }
}
