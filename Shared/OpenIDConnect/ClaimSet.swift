import Foundation
import ParleyProtocol

/// Any JSON, as providers send it.
enum JSONValue: Decodable, Hashable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else if let value = try? container.decode([String: JSONValue].self) {
            self = .object(value)
        } else {
            self = .number(try container.decode(Double.self))
        }
    }
}

/// The members of one JSON object, of which nothing is known before.
struct ClaimSet: Sendable, Hashable {
    private let members: [String: JSONValue]

    init(_ members: [String: JSONValue]) {
        self.members = members
    }

    /// Nothing when the bytes are not exactly one object of strict JSON, in which no name stands twice.
    init?(json bytes: [UInt8]) {
        guard (try? StrictJSON.check(bytes)) != nil,
            let members = try? JSONDecoder().decode([String: JSONValue].self, from: Data(bytes))
        else { return nil }
        self.members = members
    }

    subscript(name: String) -> JSONValue? { members[name] }

    /// A member that is a text, whatever text.
    func string(_ name: String) -> String? {
        guard case .string(let text)? = members[name] else { return nil }
        return text
    }

    func number(_ name: String) -> Double? {
        guard case .number(let number)? = members[name] else { return nil }
        return number
    }

    /// A member that is a list of texts and nothing else.
    func strings(_ name: String) -> [String]? {
        guard case .array(let values)? = members[name] else { return nil }
        let texts = values.compactMap { value -> String? in
            guard case .string(let text) = value else { return nil }
            return text
        }
        return texts.count == values.count ? texts : nil
    }

    /// The member of this name, or what a path of names with dots between them leads to.
    func value(at path: String) -> JSONValue? {
        Self.value(at: path[...], in: members)
    }

    /// A text for people, with the bounds of `OIDCIdentity`.
    func text(at path: String) -> String? {
        value(at: path).flatMap(Self.text)
    }

    /// All texts of a list, or the only one.
    func texts(at path: String) -> [String]? {
        switch value(at: path) {
        case .array(let values)?:
            var seen: Set<String> = []
            return values.compactMap(Self.text).filter { seen.insert($0).inserted }
        case .string(let text)?: return [.string(text)].compactMap(Self.text)
        default: return nil
        }
    }

    /// Names may have dots themselves, as those that are URLs: every way to cut the path is tried, of which 8 names
    /// leave few.
    private static func value(at path: Substring, in members: [String: JSONValue]) -> JSONValue? {
        if let value = members[String(path)] { return value }
        for dot in path.indices where path[dot] == "." {
            guard case .object(let inner)? = members[String(path[..<dot])] else { continue }
            if let value = value(at: path[dot...].dropFirst(), in: inner) { return value }
        }
        return nil
    }

    private static func text(_ value: JSONValue) -> String? {
        guard case .string(let text) = value, text.utf8.count <= 1_024, text.contains(where: { !$0.isWhitespace }),
            text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { return nil }
        return text
    }
}
