import Foundation

/// JSON as it crosses every wire of Parley: times in RFC 3339 UTC with milliseconds, keys in a stable order.
public enum WireJSON {
    public static var decoder: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let text = try decoder.singleValueContainer().decode(String.self)
            if let date = (try? Date(text, strategy: withMilliseconds)) ?? (try? Date(text, strategy: withoutFraction))
            {
                return date
            }
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not a time of RFC 3339"))
        }
        return decoder
    }

    public static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            // The format cuts off. Half a millisecond makes it round, so that a time that was read is written as it was.
            try container.encode(date.addingTimeInterval(0.000_5).formatted(withMilliseconds))
        }
        return encoder
    }

    public static func encode(_ value: some Encodable) throws -> [UInt8] {
        [UInt8](try encoder.encode(value))
    }

    /// One object with the type and the fields of the body.
    ///
    /// - Parameter type: one of the protocol, with nothing in it that JSON escapes.
    static func encode(type: String, _ body: (any Encodable)? = nil) throws -> [UInt8] {
        try merge(Array(#"{"type":"\#(type)"}"#.utf8), body)
    }

    /// One object with the fields of both; those of `head` come first, so that a reader sees the type at the beginning.
    ///
    /// - Parameter head: the JSON of an object that is not empty.
    static func merge(_ head: [UInt8], _ body: (any Encodable)?) throws -> [UInt8] {
        var bytes = head
        guard let body else { return bytes }
        let rest = [UInt8](try encoder.encode(body))
        guard rest.count > 2 else { return bytes }
        bytes.removeLast()
        bytes.append(UInt8(ascii: ","))
        bytes.append(contentsOf: rest.dropFirst())
        return bytes
    }

    private static var withMilliseconds: Date.ISO8601FormatStyle { .init(includingFractionalSeconds: true) }
    private static var withoutFraction: Date.ISO8601FormatStyle { .init() }
}
