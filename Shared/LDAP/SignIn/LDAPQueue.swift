import DequeModule

/// Who may use a thread, who waits for one and who is sent away. A value; `LDAPThreads` acts on it.
///
/// One directory never has all threads: when it hangs, the people of the others still sign in.
struct LDAPQueue<Waiter> {
    struct Ticket: Hashable, Sendable {
        let number: UInt64
        let directory: String
    }

    enum Arrival {
        case mayStart
        case mustWait
        case isRefused
    }

    private let threads: Int
    private let threadsOfOne: Int
    private let capacity: Int
    private var running: [String: Int] = [:]
    private var waiting: Deque<(ticket: Ticket, waiter: Waiter)> = []
    private var lastNumber: UInt64 = 0
    private var isClosed = false

    /// - Parameters:
    ///   - threads: how many may run at once, at least one; half of them, but one at least, for one directory.
    ///   - capacity: how many may wait, half of them for one directory.
    init(threads: Int, capacity: Int) {
        self.threads = max(1, threads)
        self.capacity = max(0, capacity)
        threadsOfOne = max(1, threads / 2)
    }

    var isEmpty: Bool { running.isEmpty && waiting.isEmpty }

    mutating func ticket(for directory: String) -> Ticket {
        lastNumber += 1
        return Ticket(number: lastNumber, directory: directory)
    }

    /// - Parameter waiter: kept only with the answer `mustWait`.
    mutating func arrive(_ ticket: Ticket, _ waiter: Waiter) -> Arrival {
        guard !isClosed else { return .isRefused }
        if hasThread(for: ticket.directory) {
            running[ticket.directory, default: 0] += 1
            return .mayStart
        }
        let sameDirectory = waiting.count { $0.ticket.directory == ticket.directory }
        guard waiting.count < capacity, sameDirectory < max(1, capacity / 2) else { return .isRefused }
        waiting.append((ticket, waiter))
        return .mustWait
    }

    /// One that ran is done.
    /// - Returns: who may start in its place.
    mutating func leave(_ ticket: Ticket) -> Waiter? {
        let count = running[ticket.directory, default: 0] - 1
        running[ticket.directory] = count > 0 ? count : nil
        guard let next = waiting.firstIndex(where: { hasThread(for: $0.ticket.directory) }) else { return nil }
        let (following, waiter) = waiting.remove(at: next)
        running[following.directory, default: 0] += 1
        return waiter
    }

    /// - Returns: who has waited too long; `nil` when it has started meanwhile.
    mutating func giveUp(_ ticket: Ticket) -> Waiter? {
        guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return nil }
        return waiting.remove(at: index).waiter
    }

    /// Nobody may start any more.
    /// - Returns: all who wait.
    mutating func close() -> [Waiter] {
        isClosed = true
        defer { waiting = [] }
        return waiting.map(\.waiter)
    }

    private func hasThread(for directory: String) -> Bool {
        running.values.reduce(0, +) < threads && running[directory, default: 0] < threadsOfOne
    }
}
