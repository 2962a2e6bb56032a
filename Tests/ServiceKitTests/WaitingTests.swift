import Testing

@testable import ServiceKit

@Suite("Waiting", .timeLimit(.minutes(1)))
struct WaitingTests {
    @Test("a quick result is returned")
    func quick() async {
        #expect(await bounded(.seconds(10)) { 7 } == 7)
    }

    @Test("what takes too long is given up, even if it can't be cancelled")
    func slow() async {
        let start = ContinuousClock.now
        let result = await bounded(.milliseconds(50)) {
            await withUnsafeContinuation { (_: UnsafeContinuation<Int, Never>) in }
        }
        #expect(result == nil)
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test("cancellation ends the wait")
    func cancelled() async {
        let task = Task {
            await bounded(.seconds(50)) {
                await withUnsafeContinuation { (_: UnsafeContinuation<Int, Never>) in }
            }
        }
        task.cancel()
        #expect(await task.value == nil)
    }

    @Test("pauses grow to their maximum and differ")
    func backoff() {
        for failures in 0...100 {
            let pause = Backoff.delay(afterFailures: failures, maximum: .seconds(5))
            #expect(pause >= .milliseconds(125) && pause <= .seconds(5))
        }
        #expect(Backoff.delay(afterFailures: 50, maximum: .seconds(5)) >= .milliseconds(2_500))
    }
}
