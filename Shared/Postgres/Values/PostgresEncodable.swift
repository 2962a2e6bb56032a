import Foundation

/// A value that can be a parameter of a statement.
public protocol PostgresEncodable: Sendable {
    var postgresValue: PostgresValue { get }
}

extension String: PostgresEncodable {
    public var postgresValue: PostgresValue { .text(self) }
}

extension Int: PostgresEncodable {
    public var postgresValue: PostgresValue { .text(String(self)) }
}

extension Int64: PostgresEncodable {
    public var postgresValue: PostgresValue { .text(String(self)) }
}

extension Bool: PostgresEncodable {
    public var postgresValue: PostgresValue { .text(self ? "true" : "false") }
}

extension Double: PostgresEncodable {
    public var postgresValue: PostgresValue {
        if isNaN { return .text("NaN") }
        if isInfinite { return .text(self < 0 ? "-Infinity" : "Infinity") }
        return .text(description)
    }
}

extension UUID: PostgresEncodable {
    public var postgresValue: PostgresValue { .text(uuidString.lowercased()) }
}

/// `timestamptz`, with microseconds.
extension Date: PostgresEncodable {
    public var postgresValue: PostgresValue {
        guard let text = PostgresTime.text(self) else {
            return .impossible(reason: "A time for the database must lie in the years 1 to 9999.")
        }
        return .text(text)
    }
}

/// `[UInt8]` is `bytea`; `[String]`, `[Int]` and `[UUID]` are arrays.
extension Array: PostgresEncodable where Element: PostgresArrayElement {
    public var postgresValue: PostgresValue { Element.postgresValue(of: self) }
}

/// What may stand in an array parameter.
public protocol PostgresArrayElement: Sendable {
    static func postgresValue(of elements: [Self]) -> PostgresValue
}

extension UInt8: PostgresArrayElement {
    public static func postgresValue(of elements: [UInt8]) -> PostgresValue { .bytes(elements) }
}

extension String: PostgresArrayElement {
    public static func postgresValue(of elements: [String]) -> PostgresValue {
        .text("{" + elements.map(quoted).joined(separator: ",") + "}")
    }

    private static func quoted(_ element: String) -> String {
        var text = "\""
        for scalar in element.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { text.unicodeScalars.append("\\") }
            text.unicodeScalars.append(scalar)
        }
        return text + "\""
    }
}

extension Int: PostgresArrayElement {
    public static func postgresValue(of elements: [Int]) -> PostgresValue {
        .text("{" + elements.map(String.init).joined(separator: ",") + "}")
    }
}

extension UUID: PostgresArrayElement {
    public static func postgresValue(of elements: [UUID]) -> PostgresValue {
        .text("{" + elements.map { $0.uuidString.lowercased() }.joined(separator: ",") + "}")
    }
}
