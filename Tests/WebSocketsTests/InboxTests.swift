import NIOConcurrencyHelpers
import Testing

@testable import WebSockets

@Suite("Inbox", .timeLimit(.minutes(1)))
struct InboxTests {
    @Test("a full inbox asks for more once half is consumed, also when it was added to meanwhile")
    func resumes() async {
        let resumed = NIOLockedValueBox(0)
        let inbox = Inbox(maximumMessages: 8, maximumBytes: 1_000)
        inbox.onRoom { resumed.withLockedValue { $0 += 1 } }
        let full = (0..<8).map { inbox.add(.text([UInt8($0)])) }
        #expect(full == Array(repeating: true, count: 7) + [false])
        for _ in 0..<2 { _ = await inbox.next() }
        // The rest of what was read from the socket together with the eighth.
        #expect(!inbox.add(.text([8])))
        #expect(resumed.withLockedValue { $0 } == 0)
        for _ in 0..<7 { _ = await inbox.next() }
        #expect(resumed.withLockedValue { $0 } == 1)
        #expect(inbox.add(.text([9])))
    }

    @Test("after the end what waits can still be consumed, then there is nothing")
    func ends() async {
        let inbox = Inbox(maximumMessages: 8, maximumBytes: 1_000)
        _ = inbox.add(.text([1]))
        inbox.finish()
        #expect(await inbox.next() == .text([1]))
        #expect(await inbox.next() == nil)
    }
}
