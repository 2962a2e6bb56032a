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
        #expect(outlet.publication == .init(isRunning: true, number: 5), "it is the same one")
        outlet.handle(.publishing(false), from: outlet.source)
        outlet.handle(.publishing(true), from: outlet.source)
        #expect(outlet.publication == .init(isRunning: true, number: 6))
        outlet.handle(.publishing(false), from: outlet.source)
        outlet.handle(.publishing(false), from: outlet.source)
        #expect(outlet.publication == .init(isRunning: false, number: 6))
        outlet.handle(.publishing(true), from: outlet.source)
        outlet.reset()
        #expect(outlet.publication == .init(isRunning: false, number: 7))
        #expect(changes.withLock { $0 } == 6)
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

    @Test("media that are taken over keep their number; what goes on meanwhile is seen")
    func adopted() {
        let handles = MediaHandles(node: "n", session: 1, publisher: 2, privateID: 3, placeholder: "p", subscriber: 4)
        let changes = Mutex(0)
        let outlet = MediaOutlet(publishing: true, publications: 2, handles: handles) {
            changes.withLock { $0 += 1 }
        }
        outlet.handle(.handles(handles), from: outlet.source)
        outlet.handle(.publishing(true), from: outlet.source)
        #expect(outlet.publication == .init(isRunning: true, number: 2))
        #expect(outlet.handles == handles)
        #expect(changes.withLock { $0 } == 0)
        outlet.handle(.publishing(false), from: outlet.source)
        outlet.handle(.publishing(true), from: outlet.source)
        #expect(outlet.publication == .init(isRunning: true, number: 3))
        outlet.handle(.handles(nil), from: outlet.source)
        #expect(outlet.handles == nil)
        #expect(changes.withLock { $0 } == 3)
    }

    @Test("who loses the media has nothing that others could take over")
    func loses() {
        let handles = MediaHandles(node: "n", session: 1, publisher: 2, privateID: 3, placeholder: "p")
        let changes = Mutex(0)
        let outlet = MediaOutlet(publishing: true, publications: 2, handles: handles) {
            changes.withLock { $0 += 1 }
        }
        outlet.lose(people: 50)
        #expect(outlet.publication == .init(isRunning: false, number: 2))
        #expect(outlet.handles == nil)
        #expect(changes.withLock { $0 } == 1)
    }

    @Test("people who lose their media together come again one after the other")
    func spread() {
        let delays = (1...200).map { _ -> Int in
            if case .lost(let delay) = MediaEvent.lost(people: 50) { delay } else { -1 }
        }
        #expect(delays.allSatisfy { (0...5_000).contains($0) })
        #expect(delays.contains { $0 > 2_500 })
        for _ in 1...50 {
            guard case .lost(let delay) = MediaEvent.lost(people: 1) else { continue }
            #expect((0...500).contains(delay))
        }
    }
}
