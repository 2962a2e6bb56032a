import NIOCore

/// A command as it goes to the server, and where it belongs.
struct RedisCommand: Sendable {
    let bytes: ByteBuffer
    /// Of its key. Nil if any node will do.
    let slot: RedisSlot?

    /// - Throws: `RedisError` with `.invalidArgument` for a command without words.
    init(_ words: [RedisArgument]) throws {
        bytes = try RESPWriter.bytes(of: [words])
        slot = Self.slot(of: words)
    }

    /// The key is the first word after the name, and of scripts the first of their keys. Where that is wrong the server says
    /// `MOVED`, which is followed, so it costs a round trip and nothing else. A command without key may go anywhere.
    private static func slot(of words: [RedisArgument]) -> RedisSlot? {
        guard words.count > 1 else { return nil }
        guard words.count > 3, isScript(words[0]) else { return slot(of: words[1]) }
        return isZero(words[2]) ? nil : slot(of: words[3])
    }

    private static func slot(of key: RedisArgument) -> RedisSlot {
        switch key {
        case .string(let string): RedisSlot(key: string)
        case .bytes(let bytes): RedisSlot(key: bytes)
        case .int(let int): RedisSlot(key: String(int))
        }
    }

    private static func isScript(_ name: RedisArgument) -> Bool {
        guard case .string(let name) = name else { return false }
        return name == "EVALSHA" || name == "EVAL"
    }

    private static func isZero(_ count: RedisArgument) -> Bool {
        count == .int(0) || count == .string("0")
    }
}
