import NIOCore
import Testing

@testable import Redis

@Suite("Redis topology")
struct RedisTopologyTests {
    private let teller = RedisNode(host: "h", port: 1)

    private func range(_ first: Int, _ last: Int, _ host: RESPValue, _ port: Int) -> RESPValue {
        let primary = RESPValue.array([host, .integer(port), .bulk(Array("id".utf8)), .array([])])
        let replica = RESPValue.array([.bulk(Array("r".utf8)), .integer(9), .bulk(Array("id".utf8)), .array([])])
        return .array([.integer(first), .integer(last), primary, replica])
    }

    private func bulk(_ text: String) -> RESPValue { .bulk(Array(text.utf8)) }

    private func slot(_ number: Int) throws -> RedisSlot { try #require(RedisSlot(number: number)) }

    @Test("slots belong to the primary of their range, and to nobody between the ranges")
    func ranges() throws {
        let map = try RedisTopology(
            reply: .array([range(0, 99, bulk("a"), 1), range(100, 199, bulk("b"), 2), range(300, 16_383, bulk("a"), 1)]
            ),
            by: teller)
        #expect(map.isCluster)
        #expect(map.primaries.map(\.description) == ["a:1", "b:2"])
        let hosts = try [99, 100, 200, 16_383].map { map.owner(of: try slot($0))?.host }
        #expect(hosts == ["a", "b", nil, "a"])
    }

    @Test("where no host is named, the one that told it is meant", arguments: ["", "?"])
    func unknownHost(host: String) throws {
        let map = try RedisTopology(
            reply: .array([range(0, 9, bulk(host), 7), range(10, 19, .null, 8)]), by: teller)
        #expect(map.primaries.map(\.description) == ["h:7", "h:8"])
    }

    @Test("a server without cluster owns everything, and one that knows no slots owns nothing")
    func extremes() throws {
        let single = try RedisTopology(reply: .error("ERR This instance has cluster support disabled"), by: teller)
        #expect(!single.isCluster && single.primaries == [teller])
        #expect(try single.owner(of: slot(16_383)) == teller)
        let empty = try RedisTopology(reply: .array([]), by: teller)
        #expect(empty.isCluster && empty.primaries.isEmpty)
        #expect(try empty.owner(of: slot(0)) == nil)
    }

    @Test("an odd map is an error and no crash")
    func odd() {
        for reply: RESPValue in [
            .null, .integer(1), .array([.integer(1)]), .array([range(5, 4, bulk("a"), 1)]),
            .array([range(0, 16_384, bulk("a"), 1)]), .array([range(-1, 1, bulk("a"), 1)]),
            .array([range(0, 1, bulk("a"), 0)]), .array([.array([.integer(0), .integer(1), .array([])])]),
        ] {
            #expect(throws: RedisError.self) { try RedisTopology(reply: reply, by: teller) }
        }
    }

    @Test("one slot moves, the others stay")
    func move() throws {
        var map = RedisTopology(standalone: teller)
        let other = RedisNode(host: "o", port: 2)
        map.move(try slot(5), to: other)
        #expect(try map.owner(of: slot(5)) == other)
        #expect(try map.owner(of: slot(6)) == teller)
        #expect(map.primaries == [teller, other])
    }

    @Test("redirects are read, with every kind of address")
    func redirects() throws {
        let slot = try slot(3_999)
        func redirect(_ line: String) -> RedisRedirect? { RedisRedirect(.error(line), by: teller) }
        #expect(redirect("MOVED 3999 127.0.0.1:6381") == .moved(slot, to: RedisNode(host: "127.0.0.1", port: 6_381)))
        #expect(redirect("ASK 3999 ::1:6381") == .ask(RedisNode(host: "::1", port: 6_381)))
        #expect(redirect("MOVED 3999 :6381") == .moved(slot, to: RedisNode(host: "h", port: 6_381)))
        #expect(redirect("ASK 3999 ?:6381") == .ask(RedisNode(host: "h", port: 6_381)))
        #expect(redirect("TRYAGAIN Multiple keys") == .later && redirect("CLUSTERDOWN The cluster") == .later)
        for line in ["MOVED 16384 h:1", "MOVED 1", "MOVED 1 h", "ASK 1 h:0", "ERR MOVED 1 h:1", "WRONGTYPE"] {
            #expect(redirect(line) == nil)
        }
        #expect(RedisRedirect(.bulk(Array("MOVED 1 h:1".utf8)), by: teller) == nil)
    }

    @Test("a pipeline is split by owners, in order, and keyless commands go along")
    func parts() throws {
        let (a, b) = (RedisNode(host: "a", port: 1), RedisNode(host: "b", port: 2))
        let map = try RedisTopology(
            reply: .array([range(0, 8_191, bulk("a"), 1), range(8_192, 16_383, bulk("b"), 2)]), by: teller)
        // Slots 12,182, 5,061 and 12,739.
        let commands: [[RedisArgument]] = [["TIME"], ["GET", "foo"], ["GET", "bar"], ["TIME"], ["GET", "123456789"]]
        let request = RedisRequest(try commands.map { try RedisCommand($0) }, deadline: .distantFuture) { _ in }
        #expect(
            RedisRoute.parts(of: request, in: map) == [
                .init(node: b, indexes: [0, 1, 4]), .init(node: a, indexes: [2, 3]),
            ])
    }

    @Test("replies of parts come together in order, and one failure fails all")
    func gathering() {
        var answers: [Result<[RESPValue], RedisError>] = []
        let whole = RedisGathering([.null, .integer(1), .null]) { answers.append($0) }
        let (first, second) = (whole.part([2]), whole.part([0]))
        first(.success([.integer(2)]))
        #expect(answers.isEmpty)
        second(.success([.integer(0)]))
        #expect(answers == [.success([.integer(0), .integer(1), .integer(2)])])
        let failing = RedisGathering([.null, .null]) { answers.append($0) }
        let (good, bad) = (failing.part([0]), failing.part([1]))
        bad(.failure(.tooMuch))
        good(.success([.integer(0)]))
        #expect(answers.last == .failure(.tooMuch) && answers.count == 2)
    }

    @Test("a channel is left and asked for as its owner changes, and late answers count for nothing")
    func place() {
        let (a, b) = (RedisNode(host: "a", port: 1), RedisNode(host: "b", port: 2))
        var place = RedisChannelPlace()
        #expect(place.move(to: a) == .init(leave: nil, ask: a, number: 1))
        #expect(place.move(to: a) == .init())
        #expect(place.move(to: b) == .init(leave: a, ask: b, number: 2))
        #expect(!place.answered(1, confirms: true) && !place.isListening(to: a))
        #expect(place.answered(2, confirms: true) && place.isListening(to: b))
        #expect(!place.dropped(by: a) && place.dropped(by: b) && place.node == nil)
        #expect(place.move(to: b).ask == b && !place.dropped(by: b))
        place.lost(a)
        #expect(place.node == b)
        place.lost(b)
        #expect(place.state == .nowhere && !place.answered(3, confirms: true))
    }
}
