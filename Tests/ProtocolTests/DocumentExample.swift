import Foundation

/// One message of a protocol document in `ops/docs`.
struct DocumentExample: CustomStringConvertible {
    let by: Substring
    let text: String

    var description: String { "\(by): \(text.prefix(80))" }
    var bytes: [UInt8] { Array(text.utf8) }

    /// The blocks that begin with ```` ```json BY ````, each with one message.
    static func all(in document: String, by: String) throws -> [DocumentExample] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "ops/docs/\(document)"), encoding: .utf8)
        return text.matches(of: /(?m)^```json (\w+)\n((?:.|\n)*?)\n```$/)
            .map { DocumentExample(by: $0.1, text: String($0.2)) }.filter { $0.by == by }
    }

    /// Whether it says the same as `encoded`, in whatever order.
    func isSame(as encoded: [UInt8]) throws -> Bool {
        try Self.sorted(bytes) == Self.sorted(encoded)
    }

    private static func sorted(_ json: [UInt8]) throws -> Data {
        let object = try JSONSerialization.jsonObject(with: Data(json))
        return try JSONSerialization.data(withJSONObject: object, options: .sortedKeys)
    }
}
