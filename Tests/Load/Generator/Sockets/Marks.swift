import Glibc

/// Marks in names and texts by which the generator knows what it received, without parsing it.
enum Marks {
    private static let time = StaticString("~t")
    private static let name = StaticString("~p")

    /// A chat text of so many bytes that says when it was sent.
    static func text(bytes: Int, sentAt: UInt64) -> String {
        let digits = String(sentAt, radix: 16)
        let mark = "~t" + String(repeating: "0", count: 16 - digits.count) + digits
        return mark + String(repeating: "x", count: max(0, bytes - mark.count))
    }

    /// The name of the person with this number in a room.
    static func name(_ seat: Int) -> String {
        let digits = String(seat)
        return "~p" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// When each chat text in these bytes was sent.
    static func times(in bytes: UnsafeRawBufferPointer, _ body: (UInt64) -> Void) {
        each(time, digits: 16, radix: 16, in: bytes, body)
    }

    /// The numbers of the people that are named.
    static func names(in bytes: UnsafeRawBufferPointer, _ body: (Int) -> Void) {
        each(name, digits: 4, radix: 10, in: bytes) { body(Int($0)) }
    }

    /// Where this text ends in the bytes.
    static func end(of text: StaticString, in bytes: UnsafeRawBufferPointer) -> Int? {
        let length = text.utf8CodeUnitCount
        guard let start = bytes.baseAddress else { return nil }
        var offset = 0
        while offset + length <= bytes.count {
            let first = Int32(text.utf8Start[0])
            guard let found = memchr(start + offset, first, bytes.count - length + 1 - offset) else { return nil }
            if memcmp(found, text.utf8Start, length) == 0 { return UnsafeRawPointer(found) - start + length }
            offset = UnsafeRawPointer(found) - start + 1
        }
        return nil
    }

    static func contains(_ text: StaticString, _ bytes: UnsafeRawBufferPointer) -> Bool {
        end(of: text, in: bytes) != nil
    }

    private static func each(
        _ mark: StaticString, digits: Int, radix: UInt64, in bytes: UnsafeRawBufferPointer, _ body: (UInt64) -> Void
    ) {
        var bytes = bytes
        while let end = end(of: mark, in: bytes), end + digits <= bytes.count {
            var value: UInt64 = 0
            for byte in bytes[end..<(end + digits)] {
                let digit = byte >= UInt8(ascii: "a") ? byte - UInt8(ascii: "a") + 10 : byte &- UInt8(ascii: "0")
                value = value &* radix &+ UInt64(digit)
            }
            body(value)
            bytes = UnsafeRawBufferPointer(rebasing: bytes[(end + digits)...])
        }
    }
}
