import Logging
import ParleyProtocol
import ServiceKit
import ServiceLifecycle
import Synchronization

/// Reports to presence which signed-in people are in meetings at this node: at once when somebody enters or leaves, and
/// again and again for all, because a lease ends by itself when this node dies.
final class PresenceLeases: Service {
    /// Leases in one call.
    private static let page = 500
    /// People who have left and could not be reported. What is beyond ends with its lease.
    private static let maximumReleased = 5_000

    private struct State {
        var present: [ParticipantID: MeetingLease] = [:]
        var entered: [ParticipantID: MeetingLease] = [:]
        var released: [ParticipantID: MeetingLease] = [:]
        var isRenewalDue = false
        /// Which client has answered last.
        var client = 0
    }

    /// One for each process of presence.
    private let clients: [ServiceClient]
    private let interval: Duration
    private let logger: Logger
    private let state = Mutex(State())
    private let changes: AsyncStream<Void>
    private let change: AsyncStream<Void>.Continuation

    init(clients: [ServiceClient], interval: Duration = .seconds(Limits.seatRenewal), logger: Logger) {
        self.clients = clients
        self.interval = interval
        self.logger = logger
        (changes, change) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func entered(_ lease: MeetingLease) {
        state.withLock { state in
            state.present[lease.participant] = lease
            state.entered[lease.participant] = lease
            state.released[lease.participant] = nil
        }
        change.yield()
    }

    func left(_ lease: MeetingLease) {
        state.withLock { state in
            state.present[lease.participant] = nil
            state.entered[lease.participant] = nil
            guard state.released.count < Self.maximumReleased else { return }
            state.released[lease.participant] = lease
        }
        change.yield()
    }

    /// Another node serves the person and reports it.
    func moved(_ lease: MeetingLease) {
        state.withLock { state in
            state.present[lease.participant] = nil
            state.entered[lease.participant] = nil
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask {
                    while !Task.isCancelled {
                        try? await Task.sleep(for: self.interval)
                        self.state.withLock { $0.isRenewalDue = true }
                        self.change.yield()
                    }
                }
                // One call after the other: a renewal that overtook a release would bring back who has left.
                group.addTask {
                    for await _ in self.changes {
                        await self.reportChanges()
                        await self.renewIfDue()
                    }
                }
            }
        }
    }

    private func reportChanges() async {
        let (entered, released) = state.withLock { state in
            defer { (state.entered, state.released) = ([:], [:]) }
            return (Array(state.entered.values), Array(state.released.values))
        }
        // Who has entered is in `present` and reported again with the next renewal in any case.
        _ = await post("/internal/meeting-leases", entered)
        let unreported = await post("/internal/meeting-leases/release", released)
        state.withLock { state in
            for lease in unreported where state.present[lease.participant] == nil {
                state.released[lease.participant] = lease
            }
        }
    }

    private func renewIfDue() async {
        let due = state.withLock { state in
            defer { state.isRenewalDue = false }
            return state.isRenewalDue ? Array(state.present.values) : nil
        }
        if let due { _ = await post("/internal/meeting-leases", due) }
    }

    /// Answers those that were not reported. A page that fails hides no other.
    private func post(_ path: String, _ leases: [MeetingLease]) async -> [MeetingLease] {
        var unreported: [MeetingLease] = []
        var rest = leases[...]
        while !rest.isEmpty {
            let page = Array(rest.prefix(Self.page))
            rest = rest.dropFirst(Self.page)
            if !(await tell(path, MeetingLeases(leases: page))) { unreported += page }
        }
        return unreported
    }

    /// Asks one process of presence after the other until one answers.
    private func tell(_ path: String, _ leases: MeetingLeases) async -> Bool {
        let first = state.withLock { $0.client }
        for number in clients.indices {
            let index = (first + number) % clients.count
            do {
                try await clients[index].post(path, leases)
                state.withLock { $0.client = index }
                return true
            } catch {
                logger.warning(
                    "Presence was not told", metadata: ["people": "\(leases.leases.count)", "error": "\(error)"])
            }
        }
        return false
    }
}
