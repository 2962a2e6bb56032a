import Foundation
import HTTPTypes
import Hummingbird
import Logging
import ParleyProtocol
import ServiceKit
import ServiceLifecycle
import Synchronization
import TestSupport

/// The inner listener of another service: it notes what it is told, and gives answers.
actor Listener {
    let url: String
    private var calls: [(path: String, body: Data)] = []
    private let refusing: Refusing

    /// Calls that are to come to nothing.
    private final class Refusing: Sendable {
        let left: Mutex<Int>

        init(_ count: Int) {
            left = Mutex(count)
        }
    }

    private init(url: String, refusing: Refusing) {
        self.url = url
        self.refusing = refusing
    }

    nonisolated var refusalsLeft: Int { refusing.left.withLock { $0 } }

    /// - Parameter refusals: so many calls come to nothing before the others are taken.
    static func run(
        _ name: ServiceName, paths: [String] = [], puts: [String] = [], refusals: Int = 0,
        answers: [String: @Sendable () throws -> Response] = [:],
        _ body: @escaping @Sendable (Listener) async throws -> Void
    ) async throws {
        let refusing = Refusing(refusals)
        let (notes, note) = AsyncStream.makeStream(of: (String, Data).self)
        let (listening, opened) = AsyncStream.makeStream(of: ListeningPorts.self)
        var logger = Logger(label: "test.listener")
        logger.logLevel = .critical
        let group = serve(
            ServiceSettings(name: name, clusterSecret: TestCluster.secret),
            publicRouter: makePublicRouter(),
            internalRoutes: { group in
                let calls = paths.map { ($0, HTTPRequest.Method.post) } + puts.map { ($0, .put) }
                for (path, method) in calls {
                    group.on("\(path)", method: method) { request, context -> Response in
                        try context.requireCaller(.signaling)
                        let isRefused = refusing.left.withLock { left in
                            defer { left = max(0, left - 1) }
                            return left > 0
                        }
                        if isRefused { throw ProblemError.unavailable() }
                        let buffer = try await request.body.collect(upTo: 1 << 20)
                        note.yield((request.uri.path, Data(buffer.readableBytesView)))
                        return emptyResponse()
                    }
                }
                for (path, answer) in answers {
                    group.get("\(path)") { _, context -> Response in
                        try context.requireCaller(.signaling)
                        return try answer()
                    }
                }
            },
            handlesSignals: false, logger: logger, onListening: { opened.yield($0) })
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var port = 0
            for await ports in listening {
                port = ports.inner
                break
            }
            let listener = Listener(url: "http://127.0.0.1:\(port)", refusing: refusing)
            let reading = Task { for await (path, data) in notes { await listener.add(path, data) } }
            defer { reading.cancel() }
            do {
                try await body(listener)
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private func add(_ path: String, _ data: Data) {
        calls.append((path, data))
    }

    func bodies(_ path: String) -> [Data] { calls.filter { $0.path == path }.map(\.body) }

    func leases(_ path: String) -> [MeetingLease] {
        bodies(path).flatMap { (try? WireJSON.decoder.decode(MeetingLeases.self, from: $0).leases) ?? [] }
    }
}
