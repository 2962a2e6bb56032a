import Foundation
import Logging

/// One line of JSON per event: `time`, `level`, `service`, `logger`, `message`, then the metadata by its own keys.
public struct JSONLogHandler: LogHandler {
    /// Keys of the line itself; metadata of such a name gets `meta.` in front.
    private static let ownKeys: Set<String> = ["time", "level", "service", "logger", "message"]
    /// The server's own number of the request says less than `request.id`.
    private static let leftOut: Set<String> = ["hb.request.id"]

    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?

    private let service: String
    private let label: String
    private let write: @Sendable (String) -> Void

    /// `write` gets each line, with its newline, in the order of the events of one task; it must not block.
    public init(
        service: String, label: String, level: Logger.Level, metadataProvider: Logger.MetadataProvider? = nil,
        write: @escaping @Sendable (String) -> Void
    ) {
        self.service = service
        self.label = label
        self.logLevel = level
        self.metadataProvider = metadataProvider
        self.write = write
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var line = "{\"time\":"
        JSONText.append(Date.now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)), to: &line)
        append("level", event.level.rawValue, to: &line)
        append("service", service, to: &line)
        append("logger", label, to: &line)
        append("message", event.message.description, to: &line)
        for (key, value) in merged(event).sorted(by: { $0.key < $1.key }) {
            append(key: Self.ownKeys.contains(key) ? "meta.\(key)" : key, value, to: &line)
        }
        line.append("}\n")
        write(line)
    }

    private func merged(_ event: LogEvent) -> Logger.Metadata {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { _, new in new } }
        if let explicit = event.metadata { all.merge(explicit) { _, new in new } }
        if let error = event.error { all["error"] = .string(String(describing: error)) }
        if event.level >= .error { all["source"] = .string("\(event.file):\(event.line)") }
        for key in Self.leftOut { all[key] = nil }
        return all
    }

    private func append(_ key: String, _ value: String, to line: inout String) {
        line.append(",")
        JSONText.append(key, to: &line)
        line.append(":")
        JSONText.append(value, to: &line)
    }

    private func append(key: String, _ value: Logger.Metadata.Value, to line: inout String) {
        line.append(",")
        JSONText.append(key, to: &line)
        line.append(":")
        append(value, to: &line)
    }

    private func append(_ value: Logger.Metadata.Value, to line: inout String) {
        switch value {
        case .string(let text): JSONText.append(text, to: &line)
        case .stringConvertible(let number as Int): line.append(String(number))
        case .stringConvertible(let flag as Bool): line.append(String(flag))
        case .stringConvertible(let other): JSONText.append(other.description, to: &line)
        case .array(let values):
            line.append("[")
            for (index, value) in values.enumerated() {
                if index > 0 { line.append(",") }
                append(value, to: &line)
            }
            line.append("]")
        case .dictionary(let values):
            line.append("{")
            for (index, pair) in values.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { line.append(",") }
                JSONText.append(pair.key, to: &line)
                line.append(":")
                append(pair.value, to: &line)
            }
            line.append("}")
        }
    }
}
