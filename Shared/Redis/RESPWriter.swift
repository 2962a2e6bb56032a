import CHiredis
import NIOCore

/// Makes bytes out of commands, by hiredis.
enum RESPWriter {
    /// - Throws: `RedisError` with `.invalidArgument` for a command without words, which Redis would not answer.
    static func bytes(of commands: [[RedisArgument]]) throws -> ByteBuffer {
        var buffer = ByteBuffer()
        for command in commands {
            try append(command, to: &buffer)
        }
        return buffer
    }

    private static func append(_ command: [RedisArgument], to buffer: inout ByteBuffer) throws {
        guard !command.isEmpty, let count = CInt(exactly: command.count) else {
            throw RedisError(.invalidArgument, "a command needs at least one word")
        }
        var words: [UInt8] = []
        var lengths: [Int] = []
        lengths.reserveCapacity(command.count)
        for argument in command {
            let start = words.count
            argument.append(to: &words)
            lengths.append(words.count - start)
        }
        // An empty array may have no address, and hiredis wants one even for words without bytes.
        words.append(0)
        try words.withUnsafeBytes { try format(count, lengths: lengths, words: $0, into: &buffer) }
    }

    private static func format(
        _ count: CInt, lengths: [Int], words: UnsafeRawBufferPointer, into buffer: inout ByteBuffer
    ) throws {
        var position = words.baseAddress?.assumingMemoryBound(to: CChar.self)
        var pointers: [UnsafePointer<CChar>?] = []
        pointers.reserveCapacity(lengths.count)
        for length in lengths {
            pointers.append(position)
            position = position?.advanced(by: length)
        }
        var target: UnsafeMutablePointer<CChar>?
        let size = redisFormatCommandArgv(&target, count, &pointers, lengths)
        guard size >= 0, let target else {
            throw RedisError(.invalidArgument, "hiredis cannot format the command")
        }
        defer { redisFreeCommand(target) }
        buffer.writeBytes(UnsafeRawBufferPointer(start: target, count: Int(size)))
    }
}
