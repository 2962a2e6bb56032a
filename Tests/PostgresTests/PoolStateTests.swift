import Testing

@testable import Postgres

@Suite("Rules of the pool")
struct PoolStateTests {
    private final class Connection: Sendable {}
    private typealias State = PoolState<Connection, Int>

    private func running(maximum: Int = 2, waiters: Int = 3) -> State {
        var state = State(maximum: maximum, maximumWaiters: waiters)
        _ = state.start()
        return state
    }

    @Test("callers are served in the order in which they came")
    func order() {
        var state = running(maximum: 1)
        let connection = Connection()
        _ = state.opened(connection, now: .now)
        guard case .granted = state.lease(id: 1, waiter: 1) else {
            Issue.record("not granted")
            return
        }
        _ = state.lease(id: 2, waiter: 2)
        _ = state.lease(id: 3, waiter: 3)
        #expect(granted(state.giveBack(connection, reusable: true, now: .now)) == [2])
        #expect(granted(state.giveBack(connection, reusable: true, now: .now)) == [3])
        _ = state.giveBack(connection, reusable: true, now: .now)
        #expect(state.idleCount == 1)
    }

    @Test("a broken connection is closed and replaced for whoever waits")
    func broken() {
        var state = running(maximum: 1)
        let connection = Connection()
        _ = state.opened(connection, now: .now)
        _ = state.lease(id: 1, waiter: 1)
        _ = state.lease(id: 2, waiter: 2)
        let effects = state.giveBack(connection, reusable: false, now: .now)
        #expect(effects.contains { if case .close = $0 { true } else { false } })
        #expect(effects.contains { if case .open = $0 { true } else { false } })
        #expect(granted(state.opened(Connection(), now: .now)) == [2])
    }

    @Test("no more callers wait than allowed")
    func tooMany() {
        var state = running(maximum: 1, waiters: 1)
        _ = state.lease(id: 1, waiter: 1)
        guard case .refused(let error) = state.lease(id: 2, waiter: 2) else {
            Issue.record("not refused")
            return
        }
        #expect(error.code == .poolExhausted)
    }

    @Test("while the server is away only one attempt goes on")
    func away() {
        var state = running(maximum: 4)
        for id in 1...3 { _ = state.lease(id: UInt64(id), waiter: id) }
        #expect(state.opening == 3)
        let error = PostgresError(.connection, "away")
        let mayTryAgain = (1...3).map { _ in state.openFailed(error) }
        #expect(mayTryAgain == [false, false, true])
        #expect(state.opening == 1)
        guard case .refuse(2, let told as PostgresError) = state.abandon(id: 2).first else {
            Issue.record("not refused")
            return
        }
        #expect(told == error)
        let effects = state.opened(Connection(), now: .now)
        #expect(granted(effects) == [1])
        #expect(state.opening == 1)
    }

    @Test("closing refuses who waits and takes nothing back")
    func closing() {
        var state = running(maximum: 1)
        let connection = Connection()
        _ = state.opened(connection, now: .now)
        _ = state.lease(id: 1, waiter: 1)
        _ = state.lease(id: 2, waiter: 2)
        #expect(state.close().count == 1)
        let effects = state.giveBack(connection, reusable: true, now: .now)
        #expect(effects.count == 1)
        #expect(state.leasedCount == 0 && state.idleCount == 0)
        guard case .refused = state.lease(id: 3, waiter: 3) else {
            Issue.record("not refused")
            return
        }
    }

    @Test("idle connections are checked, and closed but for the last")
    func stale() {
        var state = running(maximum: 2)
        _ = state.lease(id: 1, waiter: 1)
        _ = state.lease(id: 2, waiter: 2)
        let connections = [Connection(), Connection()]
        let now = ContinuousClock.now
        for connection in connections { _ = state.opened(connection, now: now) }
        for connection in connections { _ = state.giveBack(connection, reusable: true, now: now) }
        let later = now + .seconds(200)
        let stale = state.takeStale(now: later, checkAfter: .seconds(30), closeAfter: .seconds(120))
        #expect(stale.close.count == 1)
        #expect(stale.check.count == 1)
        #expect(state.leasedCount == 1)
    }

    @Test("pauses between attempts grow to a limit")
    func backoff() {
        var backoff = Backoff(first: .milliseconds(100), maximum: .seconds(1))
        let pauses = (0..<6).map { _ in backoff.pause() }
        #expect(pauses[0] <= .milliseconds(100))
        #expect(pauses[5] >= .milliseconds(500) && pauses[5] <= .seconds(1))
    }

    @Test("the statement that was not used for the longest time makes room")
    func cache() {
        var cache = StatementCache(capacity: 2)
        for text in ["a", "b"] {
            guard case .missing(let name, nil) = cache.look(up: text) else {
                Issue.record("not missing")
                return
            }
            cache.insert(text, name: name)
        }
        let first = cache.look(up: "a")
        guard case .missing(_, let evicted?) = cache.look(up: "c") else {
            Issue.record("nothing evicted")
            return
        }
        #expect(first != .prepared(name: evicted))
        #expect(cache.look(up: "a") == first)
    }

    private func granted(_ effects: [State.Effect]) -> [Int] {
        effects.compactMap { if case .grant(let waiter, _) = $0 { waiter } else { nil } }
    }
}
