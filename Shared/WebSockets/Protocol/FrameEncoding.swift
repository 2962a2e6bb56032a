import NIOCore
import NIOWebSocket

/// Bytes of frames as they go over the wire (RFC 6455, 5.2). Messages are never fragmented on the way out.
enum FrameEncoding {
    /// An encoded frame, masked for the client role as the RFC demands, unmasked for the server role.
    static func frame(_ opcode: WebSocketOpcode, _ payload: some Collection<UInt8>, role: ProtocolState.Role)
        -> ByteBuffer
    {
        switch role {
        case .server: unmasked(opcode, payload)
        case .client: masked(opcode, payload, key: UInt32.random(in: .min ... .max))
        }
    }

    static func unmasked(_ opcode: WebSocketOpcode, _ payload: some Collection<UInt8>) -> ByteBuffer {
        let length = payload.count
        var buffer = ByteBuffer()
        buffer.reserveCapacity(length + 10)
        writeHead(opcode, length: length, maskBit: 0, to: &buffer)
        buffer.writeBytes(payload)
        return buffer
    }

    static func masked(_ opcode: WebSocketOpcode, _ payload: some Collection<UInt8>, key: UInt32) -> ByteBuffer {
        let length = payload.count
        var buffer = ByteBuffer()
        buffer.reserveCapacity(length + 14)
        writeHead(opcode, length: length, maskBit: 0x80, to: &buffer)
        buffer.writeInteger(key)
        var shift: UInt32 = 24
        buffer.writeBytes(
            payload.lazy.map { byte in
                defer { shift = shift == 0 ? 24 : shift &- 8 }
                return byte ^ UInt8(truncatingIfNeeded: key >> shift)
            })
        return buffer
    }

    /// The payload of a close frame: a code and a reason cut to 123 bytes of whole characters.
    static func closePayload(code: UInt16, reason: String) -> [UInt8] {
        var payload = [UInt8(truncatingIfNeeded: code >> 8), UInt8(truncatingIfNeeded: code)]
        for character in reason {
            let bytes = Array(character.utf8)
            guard payload.count + bytes.count <= 125 else { break }
            payload += bytes
        }
        return payload
    }

    private static func writeHead(_ opcode: WebSocketOpcode, length: Int, maskBit: UInt8, to buffer: inout ByteBuffer) {
        buffer.writeInteger(UInt8(webSocketOpcode: opcode) | 0x80)
        switch length {
        case ...125:
            buffer.writeInteger(UInt8(truncatingIfNeeded: length) | maskBit)
        case ...0xFFFF:
            buffer.writeInteger(126 | maskBit)
            buffer.writeInteger(UInt16(truncatingIfNeeded: length))
        default:
            buffer.writeInteger(127 | maskBit)
            buffer.writeInteger(UInt64(truncatingIfNeeded: length))
        }
    }
}

/// A text frame of a server, encoded once. Copies share the bytes: sending it to fifty sockets copies nothing.
public struct WebSocketFrameBytes: Sendable {
    let buffer: ByteBuffer
    private let payloadBytes: Int

    /// - Parameter text: UTF-8; not checked again.
    public init(text: [UInt8]) {
        buffer = FrameEncoding.unmasked(.text, text)
        payloadBytes = text.count
    }

    /// Bytes on the wire, including the frame's head.
    public var byteCount: Int { buffer.readableBytes }

    /// The text without the frame's head.
    var payload: ByteBufferView { buffer.readableBytesView.suffix(payloadBytes) }
}
