import NIOCore
import Testing

@testable import Redis

@Suite("RESP by hiredis")
struct RESPTests {
    private func values(_ text: String, chunk: Int = .max, limit: Int = 1_000_000) throws -> [RESPValue] {
        let reader = try RESPReader(limit: limit)
        var values: [RESPValue] = []
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            try reader.feed(ByteBuffer(bytes: bytes.prefix(chunk)))
            bytes = bytes.dropFirst(chunk)
            while let value = try reader.next() { values.append(value) }
        }
        return values
    }

    private static let everything =
        "+OK\r\n-ERR no\r\n:-42\r\n$3\r\na\0b\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n*3\r\n:1\r\n*2\r\n+x\r\n$-1\r\n$1\r\ny\r\n"

    @Test("every kind of reply is read, however the bytes are cut", arguments: [1, 2, 7, Int.max])
    func kinds(chunk: Int) throws {
        #expect(
            try values(Self.everything, chunk: chunk) == [
                .simpleString("OK"), .error("ERR no"), .integer(-42), .bulk([97, 0, 98]), .bulk([]), .null, .null,
                .array([]), .array([.integer(1), .array([.simpleString("x"), .null]), .bulk([121])]),
            ])
    }

    @Test("nesting beyond the reader's depth, and bytes that are no RESP, are errors and not crashes")
    func malformed() throws {
        let deep = String(repeating: "*1\r\n", count: 8) + ":1\r\n"
        #expect(try values(deep).count == 1)
        for text in ["*1\r\n" + deep, "HTTP/1.1 200 OK\r\n", "$-5\r\n", "*99999999999\r\n"] {
            let error = #expect(throws: RedisError.self) { try values(text) }
            #expect(error?.code == .invalidReply)
        }
    }

    @Test("a reply larger than the limit is refused before it is complete")
    func limit() throws {
        #expect(throws: RedisError.self) {
            try values("$2000000\r\n" + String(repeating: "x", count: 1_500), chunk: 100, limit: 1_000)
        }
        #expect(
            try values(
                String(repeating: "$500\r\n\(String(repeating: "x", count: 500))\r\n", count: 9), chunk: 100,
                limit: 1_000
            ).count == 9)
    }

    @Test("words may hold any bytes, and none")
    func words() throws {
        let bytes = try RESPWriter.bytes(of: [["SET", .bytes([0, 13, 10]), "", 7], ["PING"]])
        #expect(String(buffer: bytes) == "*4\r\n$3\r\nSET\r\n$3\r\n\0\r\n\r\n$0\r\n\r\n$1\r\n7\r\n*1\r\n$4\r\nPING\r\n")
        #expect(String(buffer: try RESPWriter.bytes(of: [[""]])) == "*1\r\n$0\r\n\r\n")
        #expect(throws: RedisError.self) { try RESPWriter.bytes(of: [["PING"], []]) }
    }

    @Test("a value gives itself as text, number, list or error where it is one")
    func accessors() {
        #expect(RESPValue.bulk([52, 50]).int == 42 && RESPValue.integer(7).int == 7 && RESPValue.null.int == nil)
        #expect(RESPValue.bulk([0xFF]).string == nil && RESPValue.simpleString("OK").string == "OK")
        #expect(RESPValue.array([.null]).array == [.null] && RESPValue.null.isNull)
        #expect(RESPValue.error("BUSY later").error?.code == .server("BUSY"))
        #expect(RedisScript("return 1").sha1 == "e0e1f9fabfc9d4800c877a703b823ac0578ff8db")
    }
}
