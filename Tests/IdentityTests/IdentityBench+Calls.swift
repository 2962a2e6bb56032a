import ParleyProtocol
import ServiceKit
import TestSupport

@testable import IdentityService

extension IdentityBench {
    /// As `run`, with a second instance that other services call at its inner port.
    static func withCalls(
        _ body: @Sendable (IdentityBench, _ call: @Sendable (ServiceName) -> ServiceClient) async throws -> Void
    ) async throws {
        try await run { bench in
            try await withRunningService { onListening in
                try await buildIdentity(bench.settings, logger: logger)
                    .serviceGroup(handlesSignals: false, onListening: onListening)
            } _: { ports in
                let tokens = ServiceTokens(clusterSecret: clusterSecret)
                try await body(bench) { caller in
                    ServiceClient(
                        from: caller, to: .identity, baseURL: "http://127.0.0.1:\(ports.inner)", tokens: tokens,
                        timeout: .seconds(10))
                }
            }
        }
    }
}
