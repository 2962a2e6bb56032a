/// Writes JSON text for logs: what could move a terminal's cursor, break a line or turn the reading direction is escaped.
enum JSONText {
    /// Characters of one value that are kept, so that no event fills a disk.
    static let maximumValue = 8_192

    static func append(_ text: String, to line: inout String) {
        line.append("\"")
        var count = 0
        for scalar in text.unicodeScalars {
            count += 1
            guard count <= maximumValue else {
                line.append("…")
                break
            }
            append(scalar, to: &line)
        }
        line.append("\"")
    }

    private static func append(_ scalar: Unicode.Scalar, to line: inout String) {
        switch scalar.value {
        case 0x22: line.append("\\\"")
        case 0x5C: line.append("\\\\")
        case 0x0A: line.append("\\n")
        case 0x0D: line.append("\\r")
        case 0x09: line.append("\\t")
        case 0..<0x20, 0x7F...0x9F, 0x61C, 0x200B...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF:
            let digits = String(scalar.value, radix: 16)
            line.append("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
        default: line.unicodeScalars.append(scalar)
        }
    }
}
