import Foundation
import Logging
import ParleyProtocol
import ServiceKit
import ServiceLifecycle
import Synchronization

/// Makes access tokens out of sessions. As a service it fetches the signing keys at the start, for as long as it takes, and
/// again every minute, because others may have made new ones.
final class AccessTokens: Service {
    private struct Keys: Sendable {
        var current: AccessTokenSigner
        /// Of all keys, the current one first.
        var published: KeySetDocument
    }

    /// Checks tokens that this instance or another has made.
    let verifier: AccessTokenVerifier
    private let store: SigningKeyStore
    private let rotationDays: Int
    private let reload: Duration
    private let logger: Logger
    private let keys = Mutex<Keys?>(nil)

    /// - Parameters:
    ///   - rotationDays: the age at which the next key is made.
    ///   - reload: between two looks at the keys.
    init(
        store: SigningKeyStore, rotationDays: Int = 30, reload: Duration = .seconds(60), logger: Logger
    ) async {
        self.store = store
        self.rotationDays = rotationDays
        self.reload = reload
        self.logger = logger
        verifier = await AccessTokenVerifier(keySet: KeySetDocument(keys: []))
    }

    /// Whether tokens can be made and checked.
    var isReady: Bool { keys.withLock { $0 != nil } }

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            var failures = 0
            while true {
                failures = await self.load() ? 0 : failures + 1
                let wait =
                    failures == 0
                    ? self.reload * Double.random(in: 0.75...1.25)
                    : Backoff.delay(afterFailures: failures, maximum: .seconds(10))
                try await Task.sleep(for: wait)
            }
        }
    }

    /// A token for five minutes, and never beyond the end of the session.
    /// - Throws: 503 until there are keys.
    func issue(for session: Session, now: Date = .now) async throws -> AccessTokenView {
        let signer = try loaded().current
        // Whole seconds, as tokens count, so that the answer and the token say the same.
        let seconds = min(
            now.timeIntervalSince1970 + Double(Limits.accessToken), session.expiresAt.timeIntervalSince1970)
        let expiresAt = Date(timeIntervalSince1970: seconds.rounded(.down))
        let token = try await signer.sign(session.claims, now: now, expiresAt: expiresAt)
        return AccessTokenView(accessToken: token, expiresAt: expiresAt)
    }

    /// The public keys.
    /// - Throws: 503 until there are any.
    func published() throws -> KeySetDocument { try loaded().published }

    private func loaded() throws -> Keys {
        guard let keys = keys.withLock({ $0 }) else {
            throw ProblemError.unavailable("The signing keys are not there yet.")
        }
        return keys
    }

    private func load() async -> Bool {
        do {
            let signers = try await store.load(rotatingAfter: rotationDays).map { try $0.signer }
            guard let current = signers.first else { return false }
            let published = KeySetDocument(keys: signers.map(\.publicKey))
            await verifier.replaceKeys(published)
            keys.withLock { $0 = Keys(current: current, published: published) }
            return true
        } catch {
            logger.error("The signing keys could not be loaded", metadata: ["error": "\(error)"])
            return false
        }
    }
}
