import Logging
import NIOCore
import ParleyProtocol
import Redis
import Synchronization
import WebSockets

/// The changes of one organization in this process: in order, without gaps or doubles, encoded once for all who listen.
final class OrganizationStream: Sendable {
    let organization: OrganizationID
    private let people: People
    private let logger: Logger
    /// Brings back what this process holds there, because Redis has lost its memory.
    private let restore: @Sendable (OrganizationID) async -> Void
    /// Between two looks whether something was missed.
    private let interval: Duration
    private let state = Mutex(StreamState())
    private let subscription = Mutex<RedisSubscription?>(nil)
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    init(
        _ organization: OrganizationID, people: People, interval: Duration, logger: Logger,
        restore: @escaping @Sendable (OrganizationID) async -> Void
    ) {
        self.organization = organization
        self.people = people
        self.interval = interval
        self.logger = logger
        self.restore = restore
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    // MARK: Life

    /// - Throws: `RedisError`, `PostgresError`.
    func start() async throws {
        let listening = try await people.store.redis.subscribe(
            to: people.store.channel(organization), receive: { [weak self] in self?.receive($0) },
            interrupted: { [weak self] in self?.interrupted() })
        subscription.withLock { $0 = listening }
        do {
            try await adopt(asked: nil)
        } catch {
            await stop()
            throw error
        }
    }

    /// Looks after what is missing, until `stop` or cancellation.
    func run() async {
        let timer = Task { [wake, interval] in
            while !Task.isCancelled {
                try? await Task.sleep(for: interval)
                wake.yield()
            }
        }
        defer { timer.cancel() }
        for await _ in wakes { await look() }
    }

    func stop() async {
        wake.finish()
        let listening = subscription.withLock { subscription in
            defer { subscription = nil }
            return subscription
        }
        await listening?.cancel()
    }

    // MARK: Sockets

    /// Grows whenever somebody may have set something, for `add`.
    var ownNotices: Int { state.withLock { $0.ownNotices } }

    /// - Parameter own: what the person has set, read after `ownNotices` was `notices`.
    func add(_ member: StreamState.Member, own: OwnPresence?, notices: Int, known: PeoplePosition?) {
        let (resumed, isWork) = state.withLock { state in
            (state.add(member, own: own, notices: notices, known: known), !state.changedOwn.isEmpty)
        }
        if isWork { wake.yield() }
        PresenceMetrics.began(resumed ? .resumed : .anew)
    }

    func remove(_ connection: WebSocketConnection) {
        state.withLock { $0.remove(connection) }
    }

    // MARK: Changes

    /// Called on the event loop of the subscription.
    private func receive(_ buffer: ByteBuffer) {
        guard let notice = StreamNotice(buffer) else { return }
        let isWork = state.withLock { state in
            switch notice {
            case .changed(let change):
                state.receive(change)
                return state.needsRepair
            case .own(let account):
                return state.noteOwn(account)
            }
        }
        if isWork { wake.yield() }
    }

    private func interrupted() {
        state.withLock { state in
            state.needsRepair = true
            state.expectOwn()
        }
        wake.yield()
    }

    private func look() async {
        await lookForGaps()
        await tellOwn()
    }

    private func lookForGaps() async {
        do {
            let newest = try await people.store.position(of: organization)
            let (known, needsRepair) = state.withLock { ($0.position, $0.needsRepair) }
            guard needsRepair || newest == nil || newest != known else { return }
            if newest?.epoch != known?.epoch { await restore(organization) }
            try await repair(known)
        } catch {
            logger.debug("A stream could not be looked after", metadata: ["error": "\(error)"])
        }
    }

    private func repair(_ known: PeoplePosition?) async throws {
        if let known,
            let missed = try await people.store.changes(of: organization, epoch: known.epoch, after: known.seq)
        {
            let changes = Self.changes(missed, epoch: known.epoch)
            let wasMissing = state.withLock { state in
                let position = state.position
                state.fill(changes)
                return state.position != position
            }
            if wasMissing { PresenceMetrics.repaired(.filled) }
        } else {
            try await adopt(asked: known)
            PresenceMetrics.repaired(.anew)
        }
    }

    /// Takes what is seen now, and what led there: for those who come back from another process.
    private func adopt(asked: PeoplePosition?) async throws {
        let snapshot = try await people.snapshot(of: organization)
        let start = max(0, snapshot.seq - StreamState.maximumKept)
        let recent = try await people.store.changes(of: organization, epoch: snapshot.epoch, after: start) ?? []
        let changes = Self.changes(recent, epoch: snapshot.epoch).prefix { $0.position.seq <= snapshot.seq }
        state.withLock { $0.adopt(snapshot, asked: asked, recent: Array(changes)) }
    }

    private static func changes(_ changes: [PeopleChange], epoch: String) -> [StreamChange] {
        changes.compactMap { StreamChange(PeoplePosition(epoch: epoch, seq: $0.seq), view: $0.view) }
    }

    /// What people set, to their own sockets. Whom it fails for is tried again at the next look.
    private func tellOwn() async {
        let accounts = state.withLock { state in
            defer { state.changedOwn = [] }
            return state.changedOwn
        }
        for account in accounts {
            do {
                let own = try await people.own(PersonKey(organization: organization, account: account))
                state.withLock { state in
                    for member in state.members.values where member.account == account {
                        member.connection.send(.own(.init(own: own)))
                    }
                }
            } catch {
                logger.debug("Own presence could not be told", metadata: ["error": "\(error)"])
                _ = state.withLock { $0.changedOwn.insert(account) }
            }
        }
    }
}
