import Testing

@testable import LDAP

@Suite("Who may use a thread")
struct QueueTests {
    private typealias Queue = LDAPQueue<String>

    @Test("one directory has half of the threads, so that others still sign in when it hangs")
    func shares() {
        var queue = Queue(threads: 4, capacity: 8)
        for number in 1...2 { #expect(arrive(&queue, "a", "a\(number)") == .mayStart) }
        #expect(arrive(&queue, "a", "a3") == .mustWait)
        for number in 1...2 { #expect(arrive(&queue, "b", "b\(number)") == .mayStart) }
        #expect(arrive(&queue, "c", "c1") == .mustWait)
    }

    @Test("who came first starts first, unless the directory has its share already")
    func order() {
        var queue = Queue(threads: 2, capacity: 8)
        let a1 = queue.ticket(for: "a")
        let b1 = queue.ticket(for: "b")
        #expect(queue.arrive(a1, "a1") == .mayStart)
        #expect(queue.arrive(b1, "b1") == .mayStart)
        #expect(arrive(&queue, "a", "a2") == .mustWait)
        #expect(arrive(&queue, "b", "b2") == .mustWait)
        #expect(arrive(&queue, "b", "b3") == .mustWait)
        #expect(queue.leave(b1) == "b2")
        #expect(queue.leave(a1) == "a2")
    }

    @Test("no more may wait than there is room, and no directory takes all of it")
    func capacity() {
        var queue = Queue(threads: 1, capacity: 4)
        #expect(arrive(&queue, "a", "a1") == .mayStart)
        #expect(arrive(&queue, "a", "a2") == .mustWait)
        #expect(arrive(&queue, "a", "a3") == .mustWait)
        #expect(arrive(&queue, "a", "a4") == .isRefused)
        #expect(arrive(&queue, "b", "b1") == .mustWait)
        #expect(arrive(&queue, "c", "c1") == .mustWait)
        #expect(arrive(&queue, "d", "d1") == .isRefused)
    }

    @Test("who gives up starts no more, and who has started can't give up")
    func patience() {
        var queue = Queue(threads: 1, capacity: 4)
        let first = queue.ticket(for: "a")
        let second = queue.ticket(for: "a")
        #expect(queue.arrive(first, "first") == .mayStart)
        #expect(queue.arrive(second, "second") == .mustWait)
        #expect(queue.giveUp(first) == nil)
        #expect(queue.giveUp(second) == "second")
        #expect(queue.giveUp(second) == nil)
        #expect(queue.leave(first) == nil)
        #expect(queue.isEmpty)
    }

    @Test("after the end nobody starts, and who waits is told")
    func end() {
        var queue = Queue(threads: 1, capacity: 4)
        let first = queue.ticket(for: "a")
        #expect(queue.arrive(first, "first") == .mayStart)
        #expect(arrive(&queue, "a", "second") == .mustWait)
        #expect(queue.close() == ["second"])
        #expect(queue.leave(first) == nil)
        #expect(arrive(&queue, "b", "third") == .isRefused)
        #expect(queue.isEmpty)
    }

    private func arrive(_ queue: inout Queue, _ directory: String, _ waiter: String) -> Queue.Arrival {
        let ticket = queue.ticket(for: directory)
        return queue.arrive(ticket, waiter)
    }
}
