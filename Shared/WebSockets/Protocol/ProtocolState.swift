import NIOCore
import NIOWebSocket

/// The rules of RFC 6455 for one end of a socket: a frame goes in, what to do comes out. No I/O, no time.
struct ProtocolState {
    enum Role: Sendable {
        case server, client
    }

    enum Action: Equatable {
        case none
        case deliver(WebSocketMessage)
        case pong([UInt8])
        /// The peer broke a rule: send a close frame with this code.
        case fail(code: UInt16, reason: String)
        /// The peer closes: send a close frame with the same payload, then end.
        case answerClose([UInt8])
        /// Both close frames were exchanged, or there is no point in waiting for the second: end.
        case end
    }

    private enum Phase: Equatable {
        case open
        case closeSent
        case ended
    }

    /// What the code of a broken connection is called; it never stands in a frame.
    static let brokenCode: UInt16 = 1006
    private static let noCode: UInt16 = 1005

    let role: Role
    let maximumMessage: Int
    let allowsBinary: Bool
    let floodCode: UInt16
    private let mostOtherFrames: Int

    /// The code this socket ended with, as far as known: of the first close frame that was sent or received.
    private(set) var closeCode: UInt16?
    private var phase = Phase.open
    private var fragments: (opcode: WebSocketOpcode, bytes: [UInt8])?

    /// Since `beat`: frames that ended no message. Messages are for the session to count.
    private var otherFrames = 0

    init(role: Role, limits: WebSocketLimits) {
        self.role = role
        maximumMessage = limits.maximumMessage
        allowsBinary = limits.allowsBinary
        mostOtherFrames = limits.otherFrames
        floodCode = limits.floodCode
    }

    /// Time has passed, and as many frames as before may come again.
    mutating func beat() { otherFrames = 0 }

    var isOpen: Bool { phase == .open }

    mutating func received(_ frame: WebSocketFrame) -> Action {
        guard phase != .ended else { return .none }
        if let violation = violation(of: frame) { return fail(1002, violation) }
        if frame.opcode.isControlOpcode || !frame.fin {
            otherFrames += 1
            if otherFrames > mostOtherFrames { return fail(floodCode, "too many frames") }
        }
        switch frame.opcode {
        case .connectionClose: return receivedClose(frame.payloadBytes)
        case .ping: return phase == .open ? .pong(frame.payloadBytes) : .none
        case .pong: return .none
        default: return phase == .open ? receivedData(frame) : .none
        }
    }

    /// The decoder could not read on; nothing more can be received.
    mutating func receivedUnreadableFrame(_ error: NIOWebSocketError) -> Action {
        switch error {
        case .invalidFrameLength: fail(1009, "frame too large")
        case .fragmentedControlFrame, .multiByteControlFrameLength: fail(1002, "bad control frame")
        }
    }

    /// We want to close. Answers whether a close frame has to be sent: at most one ever is.
    mutating func close(code: UInt16) -> Bool {
        guard phase == .open else { return false }
        phase = .closeSent
        closeCode = code
        fragments = nil
        return true
    }

    /// The connection is gone.
    mutating func ended() {
        phase = .ended
        fragments = nil
        closeCode = closeCode ?? Self.brokenCode
    }

    private func violation(of frame: WebSocketFrame) -> String? {
        if (frame.maskKey != nil) != (role == .server) {
            return role == .server ? "frame not masked" : "frame masked"
        }
        if frame.rsv1 || frame.rsv2 || frame.rsv3 { return "reserved bit set" }
        switch frame.opcode {
        case .connectionClose, .ping, .pong, .text, .binary, .continuation: return nil
        default: return "unknown opcode"
        }
    }

    private mutating func receivedData(_ frame: WebSocketFrame) -> Action {
        let opcode: WebSocketOpcode
        var bytes: [UInt8]
        if frame.opcode == .continuation {
            guard let begun = fragments else { return fail(1002, "nothing to continue") }
            fragments = nil
            (opcode, bytes) = begun
        } else {
            guard fragments == nil else { return fail(1002, "message within a message") }
            (opcode, bytes) = (frame.opcode, [])
        }
        if opcode == .binary && !allowsBinary { return fail(1003, "binary not accepted") }
        guard frame.data.readableBytes <= maximumMessage - bytes.count else { return fail(1009, "message too large") }
        if bytes.isEmpty { bytes = frame.payloadBytes } else { bytes += frame.payloadBytes }
        guard frame.fin else {
            fragments = (opcode, bytes)
            return .none
        }
        if opcode == .binary { return .deliver(.binary(bytes)) }
        guard String(validating: bytes, as: UTF8.self) != nil else { return fail(1007, "text is not UTF-8") }
        return .deliver(.text(bytes))
    }

    private mutating func receivedClose(_ payload: [UInt8]) -> Action {
        if phase == .closeSent {
            phase = .ended
            return .end
        }
        guard payload.count >= 2 else {
            guard payload.isEmpty else { return fail(1002, "bad close frame") }
            return answerClose(code: Self.noCode, payload)
        }
        let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
        guard Self.mayStandInFrame(code) else { return fail(1002, "bad close code") }
        guard String(validating: payload.dropFirst(2), as: UTF8.self) != nil else {
            return fail(1007, "reason not UTF-8")
        }
        return answerClose(code: code, payload)
    }

    private mutating func answerClose(code: UInt16, _ payload: [UInt8]) -> Action {
        phase = .ended
        fragments = nil
        closeCode = code
        return .answerClose(payload)
    }

    private mutating func fail(_ code: UInt16, _ reason: String) -> Action {
        guard close(code: code) else {
            phase = .ended
            return .end
        }
        return .fail(code: code, reason: reason)
    }

    private static func mayStandInFrame(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

extension WebSocketFrame {
    /// The payload, unmasked.
    var payloadBytes: [UInt8] {
        guard let maskKey else { return Array(data.readableBytesView) }
        let key = Array(maskKey)
        guard key.count == 4 else { return [] }
        return data.withUnsafeReadableBytes { masked in
            Array(unsafeUninitializedCapacity: masked.count) { bytes, count in
                for index in 0..<masked.count {
                    bytes.initializeElement(at: index, to: masked[index] ^ key[index & 3])
                }
                count = masked.count
            }
        }
    }
}
