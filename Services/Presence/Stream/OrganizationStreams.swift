import Logging
import ParleyProtocol
import ServiceLifecycle

/// The organizations that somebody listens to in this process.
actor OrganizationStreams: Service {
    private struct Slot {
        let stream: OrganizationStream
        let start: Task<Void, any Error>
        var uses = 0
    }

    private let make: @Sendable (OrganizationID) -> OrganizationStream
    private var slots: [OrganizationID: Slot] = [:]
    private let started: AsyncStream<OrganizationStream>
    private let startedStream: AsyncStream<OrganizationStream>.Continuation

    init(make: @escaping @Sendable (OrganizationID) -> OrganizationStream) {
        self.make = make
        (started, startedStream) = AsyncStream.makeStream()
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for await stream in self.started { group.addTask { await stream.run() } }
            }
        }
    }

    /// The stream of an organization, running. Each call is to be paid back with `release`.
    ///
    /// - Throws: `RedisError`, `PostgresError` when it can't be begun.
    func acquire(_ organization: OrganizationID) async throws -> OrganizationStream {
        let slot = slots[organization] ?? makeSlot(organization)
        slots[organization]?.uses += 1
        do {
            try await slot.start.value
            return slot.stream
        } catch {
            await release(slot.stream)
            throw error
        }
    }

    func release(_ stream: OrganizationStream) async {
        guard let slot = slots[stream.organization], slot.stream === stream else { return }
        slots[stream.organization]?.uses -= 1
        guard slot.uses <= 1 else { return }
        slots[stream.organization] = nil
        await stream.stop()
    }

    private func makeSlot(_ organization: OrganizationID) -> Slot {
        let stream = make(organization)
        let start = Task { [startedStream] in
            try await stream.start()
            startedStream.yield(stream)
        }
        let slot = Slot(stream: stream, start: start)
        slots[organization] = slot
        return slot
    }
}
