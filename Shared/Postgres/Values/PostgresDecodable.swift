import Foundation

/// A value that can be read from a column.
public protocol PostgresDecodable: Sendable {
    /// - Parameter text: The server's text of the value; `nil` is NULL.
    static func decode(postgres text: String?) throws(PostgresDecodingProblem) -> Self
}

public enum PostgresDecodingProblem: Error, Hashable, Sendable {
    case null
    case malformed
}

extension String: PostgresDecodable {
    public static func decode(postgres text: String?) throws(PostgresDecodingProblem) -> String {
        guard let text else { throw .null }
        return text
    }
}

extension Int: PostgresDecodable {
    public static func decode(postgres text: String?) throws(PostgresDecodingProblem) -> Int {
        try parse(text) { Int($0) }
    }
}

extension Int64: PostgresDecodable {
    public static func decode(postgres text: String?) throws(PostgresDecodingProblem) -> Int64 {
        try parse(text) { Int64($0) }
    }
}

extension Bool: PostgresDecodable {
    public static func decode(postgres text: String?) throws(PostgresDecodingProblem) -> Bool {
        try parse(text) { $0 == "t" ? true : $0 == "f" ? false : nil }
    }
}

extension Double: PostgresDecodable {
    public static func decode(postgres text: String?) throws(PostgresDecodingProblem) -> Double {
        try parse(text) { Double($0) }
    }
}

extension UUID: PostgresDecodable {
    public static func decode(postgres text: String?) throws(PostgresDecodingProblem) -> UUID {
        try parse(text) { UUID(uuidString: $0) }
    }
}

extension Date: PostgresDecodable {
    public static func decode(postgres text: String?) throws(PostgresDecodingProblem) -> Date {
        try parse(text, PostgresTime.date)
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    public static func decode(postgres text: String?) throws(PostgresDecodingProblem) -> Wrapped? {
        guard let text else { return nil }
        return try Wrapped.decode(postgres: text)
    }
}

/// `[UInt8]` is `bytea`; `[String]` and `[Int]` are arrays of one dimension without NULL.
extension Array: PostgresDecodable where Element: PostgresArrayDecodable {
    public static func decode(postgres text: String?) throws(PostgresDecodingProblem) -> [Element] {
        try parse(text, Element.decode(array:))
    }
}

public protocol PostgresArrayDecodable: Sendable {
    /// `nil` when the text is no such array.
    static func decode(array text: String) -> [Self]?
}

extension UInt8: PostgresArrayDecodable {
    public static func decode(array text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.starts(with: Array("\\x".utf8)), digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for index in stride(from: 2, to: digits.count, by: 2) {
            guard let high = hexValue(digits[index]), let low = hexValue(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func hexValue(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}

extension String: PostgresArrayDecodable {
    public static func decode(array text: String) -> [String]? {
        guard text.first == "{", text.last == "}" else { return nil }
        var elements: [String] = []
        var element = ""
        var isQuoted = false
        var wasQuoted = false
        var isEscaped = false
        for scalar in text.unicodeScalars.dropFirst().dropLast() {
            if isEscaped {
                element.unicodeScalars.append(scalar)
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else if scalar == "\"" {
                isQuoted.toggle()
                wasQuoted = true
            } else if scalar == ",", !isQuoted {
                guard wasQuoted || isPlain(element) else { return nil }
                elements.append(element)
                element = ""
                wasQuoted = false
            } else {
                element.unicodeScalars.append(scalar)
            }
        }
        guard !isQuoted, !isEscaped else { return nil }
        if elements.isEmpty, element.isEmpty, !wasQuoted { return [] }
        guard wasQuoted || isPlain(element) else { return nil }
        return elements + [element]
    }

    /// Neither NULL nor an array within the array.
    private static func isPlain(_ element: String) -> Bool {
        !element.isEmpty && element != "NULL" && !element.contains("{")
    }
}

extension Int: PostgresArrayDecodable {
    public static func decode(array text: String) -> [Int]? {
        guard let texts = String.decode(array: text) else { return nil }
        let numbers = texts.compactMap { Int($0) }
        return numbers.count == texts.count ? numbers : nil
    }
}

private func parse<T>(_ text: String?, _ body: (String) -> T?) throws(PostgresDecodingProblem) -> T {
    guard let text else { throw .null }
    guard let value = body(text) else { throw .malformed }
    return value
}
