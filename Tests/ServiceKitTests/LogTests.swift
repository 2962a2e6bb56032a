import Foundation
import Logging
import Testing

@testable import ServiceKit

@Suite("Logs")
struct LogTests {
    @Test("an event is one line of JSON with its metadata")
    func oneLine() throws {
        let lines = LogLines()
        lines.logger().info(
            "Room made",
            metadata: ["room.id": "r-1", "count": .stringConvertible(3), "list": ["a", "b"], "level": "mine"])
        let object = try #require(lines.objects.first)
        #expect(object["message"] as? String == "Room made")
        #expect(object["level"] as? String == "info")
        #expect(object["service"] as? String == "identity")
        #expect(object["room.id"] as? String == "r-1")
        #expect(object["count"] as? Int == 3)
        #expect(object["list"] as? [String] == ["a", "b"])
        #expect(object["meta.level"] as? String == "mine")
        #expect((object["time"] as? String)?.hasSuffix("Z") == true)
        #expect(lines.all.first?.filter { $0 == "\n" }.count == 1)
    }

    @Test("nothing that a person types can forge a line or move the cursor")
    func injection() throws {
        let evil = "x\r\n{\"level\":\"error\"}\u{1B}[2J\u{7F}\u{85}\u{202E}\u{2028}\u{200B}\"\\\0ä"
        let lines = LogLines()
        lines.logger().info("Hello \(evil)", metadata: ["name": .string(evil), "\(evil)": "k"])
        let line = try #require(lines.all.first)
        let body = line.dropLast()
        #expect(body.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
        #expect(!body.unicodeScalars.contains("\u{202E}") && !body.unicodeScalars.contains("\u{2028}"))
        let object = try #require(lines.objects.first)
        #expect(object["name"] as? String == evil)
        #expect(object["message"] as? String == "Hello \(evil)")
    }

    @Test("a huge value is cut")
    func huge() throws {
        let lines = LogLines()
        lines.logger().info("x", metadata: ["a": .string(String(repeating: "a", count: 1_000_000))])
        #expect(try #require(lines.all.first).utf8.count < 10_000)
    }

    @Test("every logger names the request while its task runs, also in child tasks")
    func requestID() async throws {
        let lines = LogLines()
        let logger = lines.logger()
        await RequestID.$current.withValue("abcd-1234") {
            logger.info("one")
            await withTaskGroup(of: Void.self) { $0.addTask { logger.info("two") } }
        }
        logger.info("three")
        #expect(lines.objects.map { $0["request.id"] as? String } == ["abcd-1234", "abcd-1234", nil])
    }

    @Test("the level is kept to, and errors say where they come from")
    func levels() throws {
        let lines = LogLines()
        let logger = lines.logger(level: .warning)
        logger.info("no")
        logger.error("yes")
        #expect(lines.objects.count == 1)
        #expect((lines.objects.first?["source"] as? String)?.contains("LogTests.swift") == true)
    }

    @Test("request ids are made acceptable, and only harmless ones are accepted")
    func acceptable() {
        #expect(RequestID.isAcceptable(RequestID.make()))
        #expect(RequestID.make().utf8.count == 32)
        #expect(RequestID.make() != RequestID.make())
        for bad in ["", "short", "has space 123", "line\nbreak1", "ümlaut-ümlaut", String(repeating: "a", count: 65)] {
            #expect(!RequestID.isAcceptable(bad))
        }
    }
}
