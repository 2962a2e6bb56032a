/// Which of the 16,384 parts of a cluster a key or a channel belongs to. Each part is owned by one primary.
struct RedisSlot: Hashable, Sendable {
    static let count = 16_384

    /// From 0 to 16,383.
    let number: Int

    init?(number: Int) {
        guard (0..<Self.count).contains(number) else { return nil }
        self.number = number
    }

    init(key: String) {
        var key = key
        number = key.withUTF8 { Self.hash($0) }
    }

    init(key: [UInt8]) {
        number = key.withUnsafeBufferPointer { Self.hash($0) }
    }

    private static func hash(_ key: UnsafeBufferPointer<UInt8>) -> Int {
        let table = crcTable
        var crc: UInt16 = 0
        for byte in tag(of: key) {
            crc = crc << 8 ^ table[Int(UInt8(truncatingIfNeeded: crc >> 8) ^ byte)]
        }
        return Int(crc) % count
    }

    /// What stands between the first `{` and the next `}`, unless that is nothing: then it is the whole key.
    private static func tag(of key: UnsafeBufferPointer<UInt8>) -> Slice<UnsafeBufferPointer<UInt8>> {
        let all = key[...]
        guard let open = all.firstIndex(of: UInt8(ascii: "{")) else { return all }
        let rest = all[(open + 1)...]
        guard let close = rest.firstIndex(of: UInt8(ascii: "}")), close > rest.startIndex else { return all }
        return rest[..<close]
    }

    /// CRC-16/XMODEM, polynomial 0x1021, one entry for each value of a byte.
    private static let crcTable: [UInt16] = (0..<256).map { byte in
        (0..<8).reduce(UInt16(byte) << 8) { crc, _ in
            crc & 0x8000 == 0 ? crc << 1 : crc << 1 ^ 0x1021
        }
    }
}
