import CHiredis
import NIOCore

/// Makes replies out of received bytes, by hiredis.
///
/// hiredis bounds the depth of nested arrays (8); the size of a reply is bounded here.
final class RESPReader {
    private let reader: UnsafeMutablePointer<redisReader>
    private let limit: Int
    /// Received since the last complete reply.
    private var received = 0

    /// - Parameter limit: bytes of one reply.
    /// - Throws: `RedisError` if there is no memory.
    init(limit: Int) throws {
        guard let reader = redisReaderCreate() else {
            throw RedisError(.invalidReply, "no memory for the reader")
        }
        self.reader = reader
        self.limit = limit
    }

    deinit {
        redisReaderFree(reader)
    }

    /// - Throws: `RedisError` with `.invalidReply` if the reply grows too large or memory is short.
    func feed(_ buffer: ByteBuffer) throws {
        received += buffer.readableBytes
        guard received <= limit else {
            throw RedisError(.invalidReply, "a reply is larger than \(limit) bytes")
        }
        let status = buffer.withUnsafeReadableBytes { bytes in
            redisReaderFeed(reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        guard status == REDIS_OK else { throw problem }
    }

    /// The next complete reply, or nil until more bytes have come.
    ///
    /// - Throws: `RedisError` with `.invalidReply`; the reader is of no use afterwards.
    func next() throws -> RESPValue? {
        var reply: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &reply) == REDIS_OK else { throw problem }
        guard let reply else { return nil }
        defer { freeReplyObject(reply) }
        received = 0
        return Self.value(reply.assumingMemoryBound(to: redisReply.self).pointee)
    }

    private var problem: RedisError {
        let text = withUnsafeBytes(of: reader.pointee.errstr) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return RedisError(.invalidReply, text)
    }

    /// Recursion is safe: hiredis has bounded the depth.
    private static func value(_ reply: redisReply) -> RESPValue {
        switch reply.type {
        case REDIS_REPLY_STRING: .bulk(Array(text(reply)))
        case REDIS_REPLY_STATUS: .simpleString(String(decoding: text(reply), as: UTF8.self))
        case REDIS_REPLY_ERROR: .error(String(decoding: text(reply), as: UTF8.self))
        case REDIS_REPLY_INTEGER: .integer(Int(reply.integer))
        case REDIS_REPLY_ARRAY: .array(elements(reply))
        default: .null
        }
    }

    /// By length and not by NUL, which may be part of it.
    private static func text(_ reply: redisReply) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: reply.str, count: reply.str == nil ? 0 : reply.len)
    }

    private static func elements(_ reply: redisReply) -> [RESPValue] {
        UnsafeBufferPointer(start: reply.element, count: reply.element == nil ? 0 : reply.elements)
            .map { element in
                guard let element else { return .null }
                return value(element.pointee)
            }
    }
}
