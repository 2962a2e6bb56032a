/// One reply of Redis, as RESP2 knows them.
public enum RESPValue: Sendable, Equatable {
    case simpleString(String)
    /// The whole line, for example `WRONGTYPE Operation against a key holding the wrong kind of value`.
    case error(String)
    case integer(Int)
    case bulk([UInt8])
    case null
    case array([RESPValue])

    /// The text of a simple string or of a bulk that is valid UTF-8.
    public var string: String? {
        switch self {
        case .simpleString(let text): text
        case .bulk(let bytes): String(validating: bytes, as: UTF8.self)
        case .error, .integer, .null, .array: nil
        }
    }

    /// The number of an integer, or of a text that is one.
    public var int: Int? {
        if case .integer(let number) = self { number } else { string.flatMap { Int($0) } }
    }

    public var bytes: [UInt8]? {
        switch self {
        case .simpleString(let text): Array(text.utf8)
        case .bulk(let bytes): bytes
        case .error, .integer, .null, .array: nil
        }
    }

    public var array: [RESPValue]? {
        if case .array(let values) = self { values } else { nil }
    }

    public var isNull: Bool { self == .null }

    /// What the server said was wrong, if this is an error.
    public var error: RedisError? {
        if case .error(let line) = self { RedisError(serverLine: line) } else { nil }
    }

    /// This value, or the server's error thrown.
    ///
    /// - Throws: `RedisError` with the code `.server`.
    func orThrow() throws -> RESPValue {
        if let error { throw error }
        return self
    }
}
