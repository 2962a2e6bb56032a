import NIOCore
import NIOWebSocket
import Testing

@testable import WebSockets

@Suite("Rules of the socket protocol")
struct ProtocolStateTests {
    private static let key: WebSocketMaskingKey = [1, 2, 3, 4]

    private func frame(
        _ opcode: WebSocketOpcode, _ payload: [UInt8] = [], fin: Bool = true, rsv1: Bool = false, masked: Bool = true
    ) -> WebSocketFrame {
        var data = ByteBuffer(bytes: payload)
        if masked { data.webSocketMask(Self.key) }
        return WebSocketFrame(fin: fin, rsv1: rsv1, opcode: opcode, maskKey: masked ? Self.key : nil, data: data)
    }

    private func server(maximumMessage: Int = 100, allowsBinary: Bool = false) -> ProtocolState {
        ProtocolState(
            role: .server, limits: WebSocketLimits(maximumMessage: maximumMessage, allowsBinary: allowsBinary))
    }

    private func code(_ action: ProtocolState.Action) -> UInt16? {
        if case .fail(let code, _) = action { code } else { nil }
    }

    @Test("a text is delivered unmasked")
    func text() {
        var state = server()
        #expect(state.received(frame(.text, Array("grüß".utf8))) == .deliver(.text(Array("grüß".utf8))))
    }

    @Test("fragments are put together, with a ping between them answered at once")
    func fragments() {
        var state = server()
        #expect(state.received(frame(.text, [0xC3], fin: false)) == .none)
        #expect(state.received(frame(.ping, [7])) == .pong([7]))
        #expect(state.received(frame(.continuation, [], fin: false)) == .none)
        #expect(state.received(frame(.continuation, [0xBC])) == .deliver(.text([0xC3, 0xBC])))
        #expect(state.received(frame(.text, [0x61])) == .deliver(.text([0x61])))
    }

    @Test("frames that end no message may be so many between two beats, whatever they are")
    func manyFrames() {
        for (first, next) in [
            (frame(.ping), frame(.ping)), (frame(.pong), frame(.pong)),
            (frame(.text, fin: false), frame(.continuation, fin: false)),
        ] {
            var state = ProtocolState(role: .server, limits: WebSocketLimits(otherFrames: 10, floodCode: 4429))
            #expect(code(state.received(first)) == nil)
            for _ in 2...10 { #expect(code(state.received(next)) == nil) }
            state.beat()
            for _ in 1...10 { #expect(code(state.received(next)) == nil) }
            #expect(code(state.received(next)) == 4429)
        }
    }

    @Test("an unmasked frame of a client is a protocol error")
    func unmasked() {
        var state = server()
        #expect(code(state.received(frame(.text, [0x61], masked: false))) == 1002)
    }

    @Test("a masked frame of a server is a protocol error")
    func masked() {
        var state = ProtocolState(role: .client, limits: WebSocketLimits())
        #expect(code(state.received(frame(.text, [0x61]))) == 1002)
    }

    @Test("reserved bits and opcodes are protocol errors", arguments: [3, 7, 11, 15] as [UInt8])
    func reserved(opcode: UInt8) throws {
        var state = server()
        #expect(code(state.received(frame(try #require(WebSocketOpcode(encodedWebSocketOpcode: opcode))))) == 1002)
        var other = server()
        #expect(code(other.received(frame(.text, [0x61], rsv1: true))) == 1002)
    }

    @Test("a continuation of nothing and a message within a message are protocol errors")
    func fragmentOrder() {
        var state = server()
        #expect(code(state.received(frame(.continuation, [0x61]))) == 1002)
        var other = server()
        #expect(other.received(frame(.text, [0x61], fin: false)) == .none)
        #expect(code(other.received(frame(.text, [0x61]))) == 1002)
    }

    @Test("a message may be as large as the limit and not larger, over all fragments")
    func size() {
        let half = [UInt8](repeating: 0x61, count: 50)
        var state = server()
        #expect(state.received(frame(.text, half, fin: false)) == .none)
        #expect(state.received(frame(.continuation, half)) == .deliver(.text(half + half)))
        #expect(state.received(frame(.text, half, fin: false)) == .none)
        #expect(state.received(frame(.continuation, half, fin: false)) == .none)
        #expect(code(state.received(frame(.continuation, [0x61]))) == 1009)
    }

    @Test(
        "text that is not UTF-8 is refused",
        arguments: [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80]] as [[UInt8]])
    func badText(bytes: [UInt8]) {
        var state = server()
        #expect(code(state.received(frame(.text, bytes))) == 1007)
    }

    @Test("binary is delivered only where it is allowed")
    func binary() {
        var strict = server()
        #expect(code(strict.received(frame(.binary, [0xFF]))) == 1003)
        var open = server(allowsBinary: true)
        #expect(open.received(frame(.binary, [0xFF])) == .deliver(.binary([0xFF])))
    }

    @Test("the peer's close is answered with its own code", arguments: [1000, 1001, 3000, 4001, 4999] as [UInt16])
    func closeByPeer(code: UInt16) {
        var state = server()
        let payload = FrameEncoding.closePayload(code: code, reason: "bye")
        #expect(state.received(frame(.connectionClose, payload)) == .answerClose(payload))
        #expect(state.closeCode == code)
        #expect(!state.isOpen)
        #expect(state.received(frame(.text, [0x61])) == .none)
    }

    @Test("a close without code is answered without code")
    func closeWithoutCode() {
        var state = server()
        #expect(state.received(frame(.connectionClose)) == .answerClose([]))
        #expect(state.closeCode == 1005)
    }

    @Test(
        "close frames that may not be are protocol errors",
        arguments: [0, 999, 1004, 1005, 1006, 1015, 2999, 5000] as [UInt16])
    func badClose(code number: UInt16) {
        var state = server()
        let payload = FrameEncoding.closePayload(code: number, reason: "")
        #expect(code(state.received(frame(.connectionClose, payload))) == 1002)
        var other = server()
        #expect(code(other.received(frame(.connectionClose, [3]))) == 1002)
        var third = server()
        #expect(code(third.received(frame(.connectionClose, [3, 0xE8, 0xFF]))) == 1007)
    }

    @Test("at most one close frame is sent, and data after it is not delivered")
    func closeByUs() {
        var state = server()
        let isFirst = state.close(code: 4511)
        #expect(isFirst)
        let isSecond = state.close(code: 1000)
        #expect(!isSecond)
        #expect(state.received(frame(.text, [0x61])) == .none)
        #expect(state.received(frame(.ping, [1])) == .none)
        #expect(state.received(frame(.connectionClose, [0x03, 0xE8])) == .end)
        #expect(state.closeCode == 4511)
    }

    @Test("a peer that breaks rules while closing is cut")
    func violationWhileClosing() {
        var state = server()
        let isFirst = state.close(code: 1000)
        #expect(isFirst)
        #expect(state.received(frame(.text, masked: false)) == .end)
    }

    @Test("a broken connection has the code 1006")
    func broken() {
        var state = server()
        state.ended()
        #expect(state.closeCode == 1006)
    }

    @Test("unreadable frames are told by their kind")
    func unreadable() {
        var state = server()
        #expect(code(state.receivedUnreadableFrame(.invalidFrameLength)) == 1009)
        var other = server()
        #expect(code(other.receivedUnreadableFrame(.multiByteControlFrameLength)) == 1002)
    }

    @Test("a close reason is cut at a whole character within 123 bytes")
    func reason() {
        let payload = FrameEncoding.closePayload(code: 1000, reason: String(repeating: "ü", count: 100))
        #expect(payload.count == 124)
        #expect(String(validating: payload.dropFirst(2), as: UTF8.self) != nil)
    }

    @Test(
        "frames have the shortest length form",
        arguments: [(0, 2), (125, 127), (126, 130), (65_535, 65_539), (65_536, 65_546)])
    func frameHead(payload: Int, frame: Int) {
        let text = [UInt8](repeating: 0x61, count: payload)
        #expect(WebSocketFrameBytes(text: text).byteCount == frame)
        #expect(Array(WebSocketFrameBytes(text: text).payload) == text)
        #expect(FrameEncoding.masked(.text, text, key: 0x0102_0304).readableBytes == frame + 4)
    }
}
