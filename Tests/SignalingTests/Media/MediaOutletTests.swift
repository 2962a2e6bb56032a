import ParleyProtocol
import Synchronization
import Testing

@testable import SignalingService

@Suite("What a participant's media tells")
struct MediaOutletTests {
    @Test("each publication has the next number, across nodes and media objects")
    func numbers() {
        let changes = Mutex(0)
        let outlet = MediaOutlet(publications: 4) { changes.withLock { $0 += 1 } }
        #expect(outlet.publication == .init(isRunning: false, number: 4))
        outlet.handle(.publishing(true), from: outlet.source)
        #expect(outlet.publication == .init(isRunning: true, number: 5))
        outlet.handle(.publishing(true), from: outlet.source)
        #expect(outlet.publication == .init(isRunning: true, number: 6))
        outlet.handle(.publishing(false), from: outlet.source)
        outlet.handle(.publishing(false), from: outlet.source)
        #expect(outlet.publication == .init(isRunning: false, number: 6))
        outlet.handle(.publishing(true), from: outlet.source)
        outlet.reset()
        #expect(outlet.publication == .init(isRunning: false, number: 7))
        #expect(changes.withLock { $0 } == 5)
    }

    @Test("what a media object says after it was left is not heard")
    func oldSource() {
        let outlet = MediaOutlet {}
        let old = outlet.source
        outlet.handle(.publishing(true), from: old)
        outlet.reset()
        outlet.handle(.publishing(true), from: old)
        #expect(outlet.publication == .init(isRunning: false, number: 1))
        outlet.handle(.publishing(true), from: outlet.source)
        outlet.handle(.publishing(false), from: old)
        #expect(outlet.publication == .init(isRunning: true, number: 2))
    }
}
