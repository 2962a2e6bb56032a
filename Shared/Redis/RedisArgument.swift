/// One word of a command. Any bytes are allowed, also none and NUL.
public enum RedisArgument: Sendable, Hashable {
    case string(String)
    case int(Int)
    case bytes([UInt8])

    public init(_ string: String) {
        self = .string(string)
    }

    public init(_ int: Int) {
        self = .int(int)
    }

    public init(_ bytes: [UInt8]) {
        self = .bytes(bytes)
    }

    /// Adds the bytes of this word to `buffer`.
    func append(to buffer: inout [UInt8]) {
        switch self {
        case .string(let string): buffer.append(contentsOf: string.utf8)
        case .int(let int): buffer.append(contentsOf: String(int).utf8)
        case .bytes(let bytes): buffer.append(contentsOf: bytes)
        }
    }
}

extension RedisArgument: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral {
    public init(stringLiteral value: String) {
        self = .string(value)
    }

    public init(integerLiteral value: Int) {
        self = .int(value)
    }
}
