import Logging
import ServiceKit
import ServiceLifecycle

/// Runs a whole service on ports of its own for the duration of `body`, then stops it in an orderly way.
///
/// - Parameter build: Makes the group; it must hand `onListening` on to `serve`, and not handle signals.
public func withRunningService<Result: Sendable>(
    _ build: (@escaping @Sendable (ListeningPorts) async -> Void) async throws -> ServiceGroup,
    _ body: @Sendable (ListeningPorts) async throws -> Result
) async throws -> Result {
    let (ports, found) = AsyncStream.makeStream(of: ListeningPorts.self)
    let group = try await build { found.yield($0) }
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask {
            defer { found.finish() }
            try await group.run()
        }
        guard let port = await ports.first(where: { _ in true }) else {
            try await tasks.waitForAll()
            throw NotYet(description: "the service ended before it listened")
        }
        do {
            let result = try await body(port)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return result
        } catch {
            await group.triggerGracefulShutdown()
            throw error
        }
    }
}

/// A logger that says nothing.
public func silentLogger() -> Logger {
    Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}
