import Logging
import ServiceLifecycle

/// Closes streams whose read tokens were deleted, or whose organizations are disabled.
struct ReadTokenWatch: Service {
    let tokens: ReadTokenStore
    let open: OpenStreams
    let logger: Logger
    var interval = Duration.seconds(2)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var failures = 0
            while !Task.isCancelled {
                failures = await look() ? 0 : failures + 1
                if failures > 0, failures.isMultiple(of: 60) {
                    logger.warning(
                        "Whether read tokens still hold is not known", metadata: ["attempts": "\(failures)"])
                }
                try? await Task.sleep(for: interval * Double.random(in: 0.75...1))
            }
        }
    }

    private func look() async -> Bool {
        let used = open.readTokens
        guard !used.isEmpty else { return true }
        do {
            let valid = try await tokens.valid(among: used)
            open.signOut(readTokens: used.subtracting(valid))
            return true
        } catch {
            logger.debug("Read tokens could not be looked for", metadata: ["error": "\(error)"])
            return false
        }
    }
}
