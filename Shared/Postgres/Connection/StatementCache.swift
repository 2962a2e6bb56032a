/// Which statements a connection has prepared. Bounded: the one that was not used for the longest time makes room.
struct StatementCache {
    enum Lookup: Equatable {
        case prepared(name: String)
        /// Prepare it under `name`, after `evicted` was deallocated.
        case missing(name: String, evicted: String?)
    }

    private struct Entry {
        var name: String
        var lastUse: UInt64
    }

    let capacity: Int
    private var entries: [String: Entry] = [:]
    private var clock: UInt64 = 0

    init(capacity: Int = 128) {
        self.capacity = max(1, capacity)
    }

    mutating func look(up text: String) -> Lookup {
        clock &+= 1
        if let name = entries[text]?.name {
            entries[text]?.lastUse = clock
            return .prepared(name: name)
        }
        return .missing(name: "parley_\(clock)", evicted: evict())
    }

    /// To be called when the server has prepared it.
    mutating func insert(_ text: String, name: String) {
        entries[text] = Entry(name: name, lastUse: clock)
    }

    mutating func remove(_ text: String) {
        entries[text] = nil
    }

    private mutating func evict() -> String? {
        guard entries.count >= capacity else { return nil }
        guard let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return nil }
        entries[oldest.key] = nil
        return oldest.value.name
    }
}
