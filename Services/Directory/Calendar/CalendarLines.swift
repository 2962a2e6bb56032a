/// Lines of an iCalendar file (RFC 5545, 3.1): whatever is put in, no text becomes a property of its own.
struct CalendarLines: Sendable {
    /// Bytes of a line, without its end.
    private static let longestLine = 75

    struct Parameter: Sendable {
        var name: StaticString
        var value: String

        init(_ name: StaticString, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The file so far. Every line ends with CR and LF.
    private(set) var text = ""

    mutating func component(_ name: StaticString, _ body: (inout CalendarLines) -> Void) {
        add("BEGIN:\(name)")
        body(&self)
        add("END:\(name)")
    }

    /// A value that is no text, such as a time or an address.
    mutating func value(_ name: StaticString, _ value: String, _ parameters: Parameter...) {
        let written = parameters.map { ";\($0.name)=\(Self.quoted($0.value))" }.joined()
        add("\(name)\(written):\(value)")
    }

    /// As `value`, with the zone of a local time. Names of zones need no quotes, and old programs know none.
    mutating func time(_ name: StaticString, _ value: String, zone: String) {
        add("\(name);TZID=\(zone):\(value)")
    }

    mutating func text(_ name: StaticString, _ value: String) {
        add("\(name):\(Self.escaped(value))")
    }

    // MARK: Parts

    /// RFC 5545, 3.3.11.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in unified(text).unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case ";": escaped += "\\;"
            case ",": escaped += "\\,"
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(isControl(scalar) ? " " : scalar)
            }
        }
        return escaped
    }

    /// A parameter's value, in quotes unless it is a plain word.
    private static func quoted(_ value: String) -> String {
        if !value.isEmpty, value.utf8.allSatisfy(isOfWords) { return value }
        var quoted = "\""
        for scalar in value.unicodeScalars {
            quoted.unicodeScalars.append(scalar == "\"" ? "'" : isControl(scalar) ? " " : scalar)
        }
        return quoted + "\""
    }

    private static func isOfWords(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func unified(_ text: String) -> String {
        var unified = String.UnicodeScalarView()
        var wasReturn = false
        for scalar in text.unicodeScalars {
            if scalar == "\n", wasReturn {
                wasReturn = false
                continue
            }
            wasReturn = scalar == "\r"
            // There are programs that take each of them for the end of a line.
            unified.append(["\r", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar) ? "\n" : scalar)
        }
        return String(unified)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate: true
        default: false
        }
    }

    /// A line is broken between characters, and goes on after a space.
    private mutating func add(_ line: String) {
        var length = 0
        for scalar in line.unicodeScalars {
            // Whatever a value was made of: it can't end its line.
            let scalar = Self.isControl(scalar) ? " " : scalar
            let bytes = UTF8.width(scalar)
            if length + bytes > Self.longestLine {
                text += "\r\n "
                length = 1
            }
            text.unicodeScalars.append(scalar)
            length += bytes
        }
        text += "\r\n"
    }
}
