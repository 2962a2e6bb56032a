import Foundation

extension UUID {
    /// Reads the 36 characters of a UUID (RFC 9562, section 4) in either case, and nothing that only begins like one:
    /// `UUID(uuidString:)` reads no further than a NUL.
    public init?(text: some StringProtocol) {
        guard text.utf8.count == 36, let uuid = UUID(uuidString: String(text)) else { return nil }
        self = uuid
    }
}

extension Identifier {
    /// Whether it is a UUID in lower case, as ids are: in another spelling it would be another one.
    public var isUUID: Bool { UUID(text: rawValue)?.uuidString.lowercased() == rawValue }
}
