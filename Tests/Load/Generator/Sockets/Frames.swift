/// A frame of a server (RFC 6455, 5.2): never masked, and whole.
struct ServerFrame {
    let opcode: UInt8
    let payload: UnsafeRawBufferPointer
    /// With its header.
    let wireBytes: Int

    /// Nothing when the frame's end is not there yet.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 2 else { return nil }
        opcode = bytes[0] & 0x0f
        var length = Int(bytes[1] & 0x7f)
        var header = 2
        if length >= 126 {
            let size = length == 126 ? 2 : 8
            guard bytes.count >= 2 + size else { return nil }
            length = bytes[2..<(2 + size)].reduce(0) { $0 << 8 | Int($1) }
            header += size
        }
        guard bytes.count >= header + length else { return nil }
        payload = UnsafeRawBufferPointer(rebasing: bytes[header..<(header + length)])
        wireBytes = header + length
    }

    /// Code and text of a close frame.
    var closeReason: String {
        guard payload.count >= 2 else { return "without a code" }
        return "\(UInt16(payload[0]) << 8 | UInt16(payload[1])) \(String(decoding: payload[2...], as: UTF8.self))"
    }
}

/// A frame of a client: masked, as servers insist.
enum ClientFrame {
    static func text(_ text: String) -> [UInt8] { bytes(opcode: 1, Array(text.utf8)) }

    static func bytes(opcode: UInt8, _ payload: [UInt8]) -> [UInt8] {
        var frame: [UInt8] = []
        frame.reserveCapacity(payload.count + 14)
        frame.append(0x80 | opcode)
        if payload.count < 126 {
            frame.append(0x80 | UInt8(payload.count))
        } else {
            let isShort = payload.count < 1 << 16
            frame.append(0x80 | (isShort ? 126 : 127))
            for shift in stride(from: isShort ? 8 : 56, through: 0, by: -8) {
                frame.append(UInt8(truncatingIfNeeded: payload.count >> shift))
            }
        }
        let key = UInt32.random(in: .min ... .max)
        let mask = (0..<4).map { UInt8(truncatingIfNeeded: key >> ($0 * 8)) }
        frame += mask
        for (index, byte) in payload.enumerated() { frame.append(byte ^ mask[index & 3]) }
        return frame
    }
}
