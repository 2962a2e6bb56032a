/// Bytes as digits.
enum Hexadecimal {
    private static let digits = Array("0123456789abcdef".utf8)

    /// A byte as filters and distinguished names escape it, for example `\2a`.
    static func escape(_ byte: UInt8) -> [UInt8] {
        [UInt8(ascii: "\\"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }

    /// Two lower-case digits for each byte.
    static func string(_ bytes: [UInt8]) -> String {
        String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
