import Foundation
import ParleyProtocol
import TestSupport
import Testing

@testable import Postgres

@Suite("Values", .timeLimit(.minutes(1)))
struct ValueTests {
    private enum Color: String { case blue }

    @Test("every type comes back from the server as it was sent")
    func roundTrip() async throws {
        let uuid = UUID()
        let date = Date(timeIntervalSinceReferenceDate: 806_000_000.123456)
        let texts = ["", "a,b", "{\"\\", "NULL", "ü\n"]
        try await TestDatabase.withPool { pool in
            let rows = try await pool.query(
                """
                select \("grüße 👋🏽 \\ ' \" $1")::text as text, \(-42)::int as small, \(Int64.max)::bigint as big,
                    \(true)::bool as yes, \(false)::bool as no, \(0.1)::float8 as float, \(date)::timestamptz as date,
                    \(uuid)::uuid as uuid, \([0, 255, 0, 92, 39] as [UInt8])::bytea as bytes, \(texts)::text[] as texts,
                    \([3, -1])::bigint[] as numbers, \([String]())::text[] as none, \(Color.blue)::text as color,
                    \(RoomID("r1"))::text as room
                """)
            let row = try #require(rows.first)
            #expect(try row.decode("text") == "grüße 👋🏽 \\ ' \" $1")
            #expect(try row.decode("small") == -42)
            #expect(try row.decode("big") == Int64.max)
            #expect(try row.decode("yes") == true)
            #expect(try row.decode("no") == false)
            #expect(try row.decode("float") == 0.1)
            #expect(try row.decode("date") == date)
            #expect(try row.decode("uuid") == uuid)
            #expect(try row.decode("bytes") == [0, 255, 0, 92, 39] as [UInt8])
            #expect(try row.decode("texts") == texts)
            #expect(try row.decode("numbers") == [3, -1])
            #expect(try row.decode("none", as: [String].self) == [])
            #expect(try row.decode("color", as: Color.self) == .blue)
            #expect(try row.decode("room", as: RoomID.self) == RoomID("r1"))
        }
    }

    @Test("NULL goes both ways, and is refused where a value is wanted")
    func null() async throws {
        try await TestDatabase.withPool { pool in
            let text: String? = nil
            let bytes: [UInt8]? = nil
            let color: Color? = nil
            let rows = try await pool.query(
                "select \(text)::text as a, \(bytes)::bytea as b, \(color)::text as c, \(Date?.none)::timestamptz as d")
            let row = try #require(rows.first)
            #expect(try row.decode("a", as: String?.self) == nil)
            #expect(try row.decode("b", as: [UInt8]?.self) == nil)
            #expect(try row.decode("c", as: Color?.self) == nil)
            #expect(try row.decode("d", as: Date?.self) == nil)
            #expect(throws: PostgresError(.decoding, "Column `a` is NULL.")) { try row.decode("a", as: String.self) }
            #expect(throws: PostgresError(.decoding, "The answer has no column `x`.")) {
                try row.decode("x", as: String.self)
            }
        }
    }

    @Test("what looks like SQL stays a value", arguments: ["'; drop table t; --", "$1", "\\'; select 1", "%s {0}"])
    func injection(text: String) async throws {
        try await TestDatabase.withPool { pool in
            try await pool.execute("create table t (v text not null)")
            try await pool.execute("insert into t (v) values (\(text))")
            let rows = try await pool.query("select v from t where v = \(text)")
            #expect(try rows.map { try $0.decode("v", as: String.self) } == [text])
        }
    }

    @Test("text with a NUL is refused before it is sent, and the connection stays usable")
    func nulInText() async throws {
        try await TestDatabase.withPool { pool in
            #expect(await failure { try await pool.query("select \("a\0b")::text") }?.code == .encoding)
            let rows = try await pool.query("select 1 as one")
            #expect(try rows.first?.decode("one") == 1)
        }
    }

    @Test("parts of statements keep their values in order")
    func parts() {
        let condition: SQL = "a = \(1) and b = \("x")"
        let sql: SQL = "update t set c = \(true) where \(condition) and d is null \(raw: "limit 1")"
        let (text, values) = sql.compiled()
        #expect(text == "update t set c = $1 where a = $2 and b = $3 and d is null limit 1")
        #expect(values == [.text("true"), .text("1"), .text("x")])
    }

    @Test(
        "times are written and read exactly",
        arguments: [
            ("0001-01-01 00:00:00.000000+00", -62_135_596_800.0), ("1969-12-31 23:59:59.500000+00", -0.5),
            ("1970-01-01 00:00:00.000000+00", 0), ("2000-02-29 12:00:00.000000+00", 951_825_600),
            ("2024-12-31 23:59:59.999999+00", 1_735_689_599.999999), ("9999-12-31 23:59:59.000000+00", 253_402_300_799),
        ])
    func times(text: String, seconds: Double) throws {
        #expect(PostgresTime.text(Date(timeIntervalSince1970: seconds)) == text)
        let date = try #require(PostgresTime.date(text))
        #expect(PostgresTime.text(date) == text)
        #expect(abs(date.timeIntervalSince1970 - seconds) < 0.000_001)
    }

    @Test("odd times are no dates", arguments: ["infinity", "", "2024-13-01", "2024-01-01 00:00:00+02", "44-01-01 BC"])
    func oddTimes(text: String) {
        #expect(PostgresTime.date(text) == nil)
    }

    @Test("a time that PostgreSQL can't hold is refused")
    func distantTime() {
        let value = Date(timeIntervalSince1970: 1e15).postgresValue
        #expect(throws: PostgresError.self) { _ = try EncodedParameters([value]) }
        #expect(PostgresTime.text(Date(timeIntervalSince1970: 1e15)) == nil)
        #expect(PostgresTime.text(Date(timeIntervalSince1970: .nan)) == nil)
    }

    @Test("arrays with NULL or more dimensions are refused", arguments: ["{NULL}", "{{1},{2}}", "{", "{\"a}", "x"])
    func oddArrays(text: String) {
        #expect(String.decode(array: text) == nil)
    }

    @Test("a description of the configuration shows no password")
    func secrets() {
        let configuration = PostgresConfiguration(url: "postgresql://me:hunter2@127.0.0.1/x")
        #expect(!"\(configuration)".contains("hunter2"))
        #expect(!String(reflecting: configuration).contains("hunter2"))
        var text = ""
        dump(configuration, to: &text)
        #expect(!text.contains("hunter2"))
    }
}
