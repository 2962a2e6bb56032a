import Logging
import ParleyProtocol
import ServiceLifecycle

/// Looks at the mark of every partition again and again: so that leases run while this node lives, and so that a loss of Redis'
/// memory is noticed soon in all rooms.
actor Beat: Service {
    private let store: SeatStore
    private let interval: Duration
    private let logger: Logger
    /// Called with the partitions that have begun a new epoch.
    private let changed: @Sendable (Set<Partition>) async -> Void
    private var epochs: [Partition: String] = [:]

    init(
        store: SeatStore, interval: Duration, logger: Logger,
        changed: @escaping @Sendable (Set<Partition>) async -> Void
    ) {
        self.store = store
        self.interval = interval
        self.logger = logger
        self.changed = changed
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.beat()
                try? await Task.sleep(for: self.interval)
            }
        }
    }

    private func beat() async {
        // What does not answer now answers the next time, and a loss is noticed then.
        let found = await store.beat(Partition.all)
        let renewed = found.filter { partition, epoch in epochs[partition].map { $0 != epoch } ?? false }
        epochs.merge(found) { $1 }
        guard !renewed.isEmpty else { return }
        logger.notice("Redis has begun anew", metadata: ["partitions": "\(renewed.count)"])
        await changed(Set(renewed.keys))
    }
}
