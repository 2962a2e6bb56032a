/// What JSON decoders let pass and Parley does not: a key twice in one object (two readers could understand two different
/// messages), and nesting without end. Grammar of RFC 8259.
public enum StrictJSON {
    /// Objects and arrays within each other.
    public static let maximumDepth = 32

    public enum Problem: Error, CustomStringConvertible, Hashable, Sendable {
        case notJSON(offset: Int)
        case duplicateKey(String)
        case tooDeep

        public var description: String {
            switch self {
            case .notJSON(let offset): "This is not JSON (at byte \(offset))."
            case .duplicateKey(let key): "The key `\(key.prefix(40))` stands twice in one object."
            case .tooDeep: "The message is nested deeper than \(StrictJSON.maximumDepth) levels."
            }
        }
    }

    /// Checks a whole document.
    public static func check(_ bytes: [UInt8]) throws(Problem) {
        var scanner = Scanner(bytes: bytes)
        scanner.skipSpace()
        try scanner.value(depth: 0)
        scanner.skipSpace()
        guard scanner.position == bytes.count else { throw .notJSON(offset: scanner.position) }
    }

    private struct Scanner {
        let bytes: [UInt8]
        var position = 0

        var next: UInt8? { position < bytes.count ? bytes[position] : nil }
        var failure: Problem { .notJSON(offset: position) }

        init(bytes: [UInt8]) {
            self.bytes = bytes
        }

        mutating func skipSpace() {
            while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
        }

        mutating func expect(_ byte: UInt8) throws(Problem) {
            guard next == byte else { throw failure }
            position += 1
        }

        mutating func value(depth: Int) throws(Problem) {
            guard depth < StrictJSON.maximumDepth else { throw .tooDeep }
            switch next {
            case UInt8(ascii: "{"): try object(depth: depth)
            case UInt8(ascii: "["): try array(depth: depth)
            case UInt8(ascii: "\""): _ = try string()
            case UInt8(ascii: "t"): try word("true")
            case UInt8(ascii: "f"): try word("false")
            case UInt8(ascii: "n"): try word("null")
            default: try number()
            }
        }

        mutating func object(depth: Int) throws(Problem) {
            position += 1
            skipSpace()
            if next == UInt8(ascii: "}") { return position += 1 }
            var keys: Set<String> = []
            while true {
                skipSpace()
                let key = try string()
                guard keys.insert(key).inserted else { throw .duplicateKey(key) }
                skipSpace()
                try expect(UInt8(ascii: ":"))
                skipSpace()
                try value(depth: depth + 1)
                skipSpace()
                if next == UInt8(ascii: ",") {
                    position += 1
                    continue
                }
                return try expect(UInt8(ascii: "}"))
            }
        }

        mutating func array(depth: Int) throws(Problem) {
            position += 1
            skipSpace()
            if next == UInt8(ascii: "]") { return position += 1 }
            while true {
                skipSpace()
                try value(depth: depth + 1)
                skipSpace()
                if next == UInt8(ascii: ",") {
                    position += 1
                    continue
                }
                return try expect(UInt8(ascii: "]"))
            }
        }

        /// The string's text with its escapes resolved, because `"a"` and `"\u0061"` are the same key.
        mutating func string() throws(Problem) -> String {
            try expect(UInt8(ascii: "\""))
            var units: [UInt8] = []
            while let byte = next {
                position += 1
                switch byte {
                case UInt8(ascii: "\""):
                    guard let text = String(validating: units, as: UTF8.self) else { throw failure }
                    return text
                case UInt8(ascii: "\\"): units.append(contentsOf: try escape().utf8)
                case 0..<0x20: throw failure
                default: units.append(byte)
                }
            }
            throw failure
        }

        private mutating func escape() throws(Problem) -> String {
            guard let byte = next else { throw failure }
            position += 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return String(UnicodeScalar(byte))
            case UInt8(ascii: "b"): return "\u{08}"
            case UInt8(ascii: "f"): return "\u{0C}"
            case UInt8(ascii: "n"): return "\n"
            case UInt8(ascii: "r"): return "\r"
            case UInt8(ascii: "t"): return "\t"
            case UInt8(ascii: "u"): return try unicodeEscape()
            default: throw failure
            }
        }

        private mutating func unicodeEscape() throws(Problem) -> String {
            let first = try hexUnit()
            guard (0xD800...0xDFFF).contains(first) else {
                guard let scalar = UnicodeScalar(first) else { throw failure }
                return String(Character(scalar))
            }
            guard first < 0xDC00 else { throw failure }
            try expect(UInt8(ascii: "\\"))
            try expect(UInt8(ascii: "u"))
            let second = try hexUnit()
            guard (0xDC00...0xDFFF).contains(second),
                let scalar = UnicodeScalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
            else { throw failure }
            return String(Character(scalar))
        }

        private mutating func hexUnit() throws(Problem) -> UInt32 {
            var unit: UInt32 = 0
            for _ in 0..<4 {
                guard let byte = next, let digit = Character(UnicodeScalar(byte)).hexDigitValue else { throw failure }
                unit = unit << 4 | UInt32(digit)
                position += 1
            }
            return unit
        }

        private mutating func word(_ word: StaticString) throws(Problem) {
            for byte in "\(word)".utf8 { try expect(byte) }
        }

        private mutating func number() throws(Problem) {
            if next == UInt8(ascii: "-") { position += 1 }
            if next == UInt8(ascii: "0") {
                position += 1
            } else {
                try digits()
            }
            if next == UInt8(ascii: ".") {
                position += 1
                try digits()
            }
            if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
                position += 1
                if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
                try digits()
            }
        }

        private mutating func digits() throws(Problem) {
            let start = position
            while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
            guard position > start else { throw failure }
        }
    }
}
