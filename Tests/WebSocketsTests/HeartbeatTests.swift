import NIOCore
import NIOEmbedded
import NIOWebSocket
import Testing

@testable import WebSockets

@Suite("Keep-alive")
struct HeartbeatTests {
    private let ping = FrameEncoding.unmasked(.ping, [])

    @Test("a ping goes out every ten seconds")
    func keepAlive() throws {
        let bench = try SocketBench()
        bench.advance(9)
        #expect(try bench.sent().isEmpty)
        for _ in 0..<5 {
            bench.advance(1)
            #expect(try bench.sent() == [ping])
            try bench.receive(.pong)
            bench.advance(9)
        }
        #expect(bench.channel.isActive)
    }

    @Test("a peer that is silent for twenty seconds is cut")
    func dead() throws {
        let bench = try SocketBench()
        bench.advance(15)
        try bench.receive(.pong)
        bench.advance(19)
        #expect(bench.channel.isActive)
        bench.advance(1)
        #expect(!bench.channel.isActive)
        #expect(bench.connection.closeCode == 1006)
    }

    @Test("sockets that came together are not pinged together")
    func spread() throws {
        let loop = EmbeddedEventLoop()
        let benches = try (0..<200).map { _ in try SocketBench(loop: loop) }
        for second in 0..<30 {
            loop.advanceTime(by: .seconds(1))
            let pings = try benches.map { try $0.sent().count }
            if second < 10 { #expect(pings.allSatisfy { $0 <= 1 }) }
            #expect((15...25).contains(pings.reduce(0, +)))
            for bench in benches { try bench.receive(.pong) }
        }
        for bench in benches { try bench.channel.close().wait() }
    }

    @Test("one timer serves a loop's sockets, and ends with the last of them")
    func end() throws {
        let loop = EmbeddedEventLoop()
        #expect(!Heartbeat.isRunning(on: loop))
        for _ in 0..<2 {
            let benches = try (0..<7).map { _ in try SocketBench(loop: loop) }
            for (number, bench) in benches.enumerated() {
                #expect(Heartbeat.isRunning(on: loop))
                loop.advanceTime(by: .milliseconds(Int64(number) * 700))
                try bench.channel.close().wait()
            }
            #expect(!Heartbeat.isRunning(on: loop))
        }
    }

    @Test("who leaves changes nothing for those who stay")
    func leaving() throws {
        let loop = EmbeddedEventLoop()
        let benches = try (0..<60).map { _ in try SocketBench(loop: loop) }
        loop.advanceTime(by: .seconds(2))
        for bench in benches[..<50] { try bench.channel.close().wait() }
        let rest = benches[50...]
        for bench in rest { _ = try bench.sent() }
        for _ in 0..<4 {
            for bench in rest { try bench.receive(.pong) }
            loop.advanceTime(by: .seconds(10))
            #expect(try rest.map { try $0.sent() }.allSatisfy { $0 == [ping] })
        }
        loop.advanceTime(by: .seconds(20))
        #expect(rest.allSatisfy { !$0.channel.isActive })
        #expect(!Heartbeat.isRunning(on: loop))
    }
}
