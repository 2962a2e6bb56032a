import Logging
import ServiceKit
import ServiceLifecycle

/// Closes streams whose read tokens were deleted, or whose organizations are disabled.
struct ReadTokenWatch: Service {
    let tokens: ReadTokenStore
    let open: OpenStreams
    let logger: Logger

    func run() async {
        await RepeatedWork(
            "Whether read tokens still hold is not known", every: .seconds(2), jitter: 0.75...1, logger: logger, look
        ).run()
    }

    private func look() async throws {
        let used = open.readTokens
        guard !used.isEmpty else { return }
        open.signOut(readTokens: used.subtracting(try await tokens.valid(among: used)))
    }
}
