import NIOCore
import NIOPosix
import Synchronization
import TestSupport

@testable import LDAP

/// A server on loopback that speaks as much LDAP as a test needs, and answers what the test wants.
final class FakeDirectory: Sendable {
    struct Request: Sendable {
        enum Operation: UInt8, Sendable {
            case bind = 0x60
            case unbind = 0x42
            case search = 0x63
            case extended = 0x77
        }

        let number: UInt8
        let operation: Operation?
        /// All of it, for a look at what is in it.
        let text: String
    }

    enum Answer: Sendable {
        case bytes([UInt8])
        case close
    }

    let url: String
    private let channel: any Channel

    static func withServer<Result: Sendable>(
        threads: LDAPThreads = LDAPThreads(), _ answer: @escaping @Sendable (Request) -> [Answer],
        _ body: @Sendable (FakeDirectory, LDAPThreads) async throws -> Result
    ) async throws -> Result {
        let server = try await FakeDirectory(answer)
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await threads.once { threads async throws in try await body(server, threads) })
        } catch {
            result = .failure(error)
        }
        try await server.channel.close()
        return try result.get()
    }

    private init(_ answer: @escaping @Sendable (Request) -> [Answer]) async throws {
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(answer: answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        url = "ldap://127.0.0.1:\(channel.localAddress?.port ?? 0)"
    }

    /// Requests of tests are short enough to come in one piece.
    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let answer: @Sendable (Request) -> [Answer]

        init(answer: @escaping @Sendable (Request) -> [Answer]) {
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = Array(unwrapInboundIn(data).readableBytesView)
            // SEQUENCE, its length, INTEGER of one byte, and the operation.
            let start = bytes.count > 1 && bytes[1] > 0x80 ? 2 + Int(bytes[1] & 0x7f) : 2
            guard bytes.count > start + 3 else { return context.close(promise: nil) }
            let request = Request(
                number: bytes[start + 2], operation: .init(rawValue: bytes[start + 3]),
                text: String(decoding: bytes, as: UTF8.self))
            guard request.operation != .unbind else { return context.close(promise: nil) }
            for answer in answer(request) {
                switch answer {
                case .bytes(let bytes):
                    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
                case .close: context.close(promise: nil)
                }
            }
        }
    }
}

extension FakeDirectory.Answer {
    /// The end of an operation (RFC 4511 section 4.1.9).
    /// - Parameter referral: another server, which belongs to code 10.
    static func reply(
        to request: FakeDirectory.Request, code: UInt8, message: String = "", referral: String? = nil
    ) -> Self {
        let tag: UInt8 =
            switch request.operation {
            case .bind: 0x61
            case .search: 0x65
            default: 0x78
            }
        let others = referral.map { element(0xa3, element(0x04, Array($0.utf8))) } ?? []
        let result = [0x0a, 1, code] + element(0x04, []) + element(0x04, Array(message.utf8))
        return .bytes(element(0x30, [2, 1, request.number] + element(tag, result + others)))
    }

    /// One entry of a search (RFC 4511 section 4.5.2).
    static func entry(
        to request: FakeDirectory.Request, dn: String, attributes: [(name: String, value: [UInt8])] = []
    ) -> Self {
        let list = attributes.flatMap { attribute in
            element(0x30, element(0x04, Array(attribute.name.utf8)) + element(0x31, element(0x04, attribute.value)))
        }
        let entry = element(0x64, element(0x04, Array(dn.utf8)) + element(0x30, list))
        return .bytes(element(0x30, [2, 1, request.number] + entry))
    }

    private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let count = content.count
        return count < 0x80
            ? [tag, UInt8(count)] + content
            : [tag, 0x82, UInt8(count >> 8), UInt8(count & 0xff)] + content
    }
}

/// What a server was asked.
final class Requests: Sendable {
    private let requests = Mutex<[FakeDirectory.Request]>([])

    var all: [FakeDirectory.Request] { requests.withLock { $0 } }

    func add(_ request: FakeDirectory.Request) {
        requests.withLock { $0.append(request) }
    }
}
