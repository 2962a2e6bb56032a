import Crypto
import Foundation
import ParleyProtocol
import Postgres
import ServiceKit
import Testing

@testable import DirectoryService

@Suite("Rules of rooms")
struct RoomRulesTests {
    @Test("names are trimmed and keep what people write", arguments: ["Wöchentlich", "週次ミーティング", "A & B <c>", "👩‍👩‍👧‍👦"])
    func names(text: String) throws {
        #expect(try ReadableText.line("  \(text)\n", Limits.roomName) == text)
    }

    @Test(
        "names that can't be shown on a line are refused",
        arguments: [
            ("", FieldProblem.Reason.missing), ("   ", .missing), ("a\nb", .badFormat), ("a\u{0}b", .badFormat),
            ("a\u{202E}b", .badFormat), ("\u{200B}\u{200D}", .badFormat), ("a\u{2028}b", .badFormat),
            (String(repeating: "x", count: 81), .tooLong),
            ("e" + String(repeating: "\u{301}", count: 2_000), .tooLong),
        ])
    func oddNames(text: String, reason: FieldProblem.Reason) {
        #expect(throws: FieldRefusal(reason)) { try ReadableText.line(text, Limits.roomName) }
    }

    @Test("a description has lines, which end with LF")
    func description() throws {
        #expect(try ReadableText.lines("a\r\nb\rc\td\n", Limits.roomDescription) == "a\nb\nc\td")
        #expect(try ReadableText.lines("", Limits.roomDescription) == "")
        #expect(throws: FieldRefusal(.badFormat)) { try ReadableText.lines("a\u{7}", Limits.roomDescription) }
        #expect(throws: FieldRefusal(.tooLong)) {
            try ReadableText.lines(String(repeating: "x", count: 2_001), Limits.roomDescription)
        }
    }

    @Test("an alias is kept in lower case", arguments: [("Team-1", "team-1"), (" abc ", "abc"), ("0a0", "0a0")])
    func alias(text: String, kept: String) throws {
        #expect(try RoomAlias.normalized(text) == kept)
    }

    @Test(
        "odd aliases are refused",
        arguments: [
            ("", FieldProblem.Reason.missing), ("ab", .tooShort), (String(repeating: "a", count: 65), .tooLong),
            ("-abc", .badFormat), ("abc-", .badFormat), ("a_c", .badFormat), ("a c", .badFormat), ("größe", .badFormat),
            ("a/b", .badFormat), ("a.b", .badFormat), ("123e4567-e89b-12d3-a456-426614174000", .badFormat),
        ])
    func oddAliases(text: String, reason: FieldProblem.Reason) {
        #expect(throws: FieldRefusal(reason)) { try RoomAlias.normalized(text) }
    }

    @Test("an alias made by the server has 100 random bits and is a good alias")
    func randomAlias() throws {
        let aliases = (0..<500).map { _ in RoomAlias.random() }
        #expect(Set(aliases).count == 500)
        for alias in aliases { #expect(try RoomAlias.normalized(alias) == alias) }
        let digits = Set(aliases.joined()).subtracting(["-"])
        #expect(digits.count == 32)
        #expect(aliases.allSatisfy { $0.filter { $0 != "-" }.count == 20 })
    }

    @Test("a PIN is 4 to 10 digits, and leading zeros count")
    func pins() throws {
        #expect(try RoomPIN.normalized("0042") == "0042")
        #expect(try RoomPIN.normalized("") == nil)
        #expect(throws: FieldRefusal(.tooShort)) { try RoomPIN.normalized("123") }
        #expect(throws: FieldRefusal(.tooLong)) { try RoomPIN.normalized("12345678901") }
        for odd in ["12a4", "١٢٣٤", "12 34", "-123"] {
            #expect(throws: FieldRefusal(.badFormat)) { try RoomPIN.normalized(odd) }
        }
    }

    @Test("PINs are equal only when every digit is")
    func comparison() {
        #expect(RoomPIN.isEqual("0123", "0123"))
        for other in ["0124", "01230", "123", "", "01230000000", "0123\u{0}"] {
            #expect(!RoomPIN.isEqual("0123", other))
        }
        #expect(!RoomPIN.isEqual("1234567890", "12345678901"))
    }

    @Test("a stored PIN is read only with its key and for its room, and doesn't tell its length")
    func vault() throws {
        let vault = PINVault(secret: Harness.pinKey)
        let room = RoomID.random()
        let sealed = try vault.seal("0042", room: room)
        #expect(try vault.open(sealed, room: room) == "0042")
        #expect(try vault.seal("0123456789", room: room).count == sealed.count)
        #expect(try vault.seal("0042", room: room) != sealed)
        #expect(throws: PINVault.Problem.unreadable) { try vault.open(sealed, room: .random()) }
        let other = PINVault(secret: Array(Harness.pinKey.reversed()))
        #expect(throws: PINVault.Problem.unreadable) { try other.open(sealed, room: room) }
        var damaged = sealed
        damaged[20] ^= 1
        #expect(throws: PINVault.Problem.unreadable) { try vault.open(damaged, room: room) }
        #expect(throws: PINVault.Problem.unreadable) { try vault.open([], room: room) }
        #expect(throws: PINVault.Problem.unreadable) { try vault.open([1, 2], room: room) }
    }

    @Test("every field that can't be accepted is named")
    func allProblems() {
        let draft = RoomDraft(
            name: " ", alias: "-", description: String(repeating: "x", count: 2_001), color: nil, pin: "12x4")
        let error = #expect(throws: ProblemError.self) { try RoomContent(draft) }
        #expect(
            error?.fields == [
                .init("name", .missing), .init("alias", .tooShort), .init("description", .tooLong),
                .init("pin", .badFormat),
            ])
    }

    @Test("If-Match names versions, or any")
    func wantedVersion() throws {
        #expect(try WantedVersion(header: "\"3\"") == .oneOf([3]))
        #expect(try WantedVersion(header: "\"3\", \"4\"") == .oneOf([3, 4]))
        #expect(try WantedVersion(header: "*") == .any)
        #expect(try WantedVersion(header: "W/\"3\"") == .oneOf([]))
        #expect(try WantedVersion(header: "\"99999999999\", 3, \"\", \"x\"") == .oneOf([]))
        let error = #expect(throws: ProblemError.self) { try WantedVersion(header: nil) }
        #expect(error?.code == .preconditionRequired)
    }

    @Test(
        "a cursor that was not made here is refused", arguments: ["", ".", "x", "1", "1.2", "99999999999999999999.x"])
    func oddCursors(text: String) {
        #expect(RoomCursor(text) == nil)
    }

    @Test("the list of migrations is what stands in the folder")
    func migrations() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Services/Directory/Migrations")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".sql") }.map { String($0.dropLast(4)) }
        #expect(directoryMigrator.migrations.map(\.name) == files.sorted())
    }

    @Test("everything that is missing in the settings is said at once")
    func settings() throws {
        let error = #expect(throws: SettingsError.self) { try DirectorySettings(Settings(environment: [:])) }
        let text = String(describing: error?.problems ?? [])
        for key in ["DATABASE_URL", "REDIS_URL", "IDENTITY_URL", "SIGNALING_URL", "PIN_KEY", "CLUSTER_SECRET"] {
            #expect(text.contains("PARLEY_\(key) is missing"))
        }
    }
}
