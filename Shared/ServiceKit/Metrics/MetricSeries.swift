import Metrics
import Synchronization

/// One metric with one set of labels.
protocol MetricSeries: AnyObject, Sendable {
    func write(name: String, labels: String, to text: inout String)
}

final class CounterSeries: MetricSeries, CounterHandler, FloatingPointCounterHandler {
    private let value = Mutex(0.0)

    func increment(by amount: Int64) { increment(by: Double(amount)) }

    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        value.withLock { $0 += amount }
    }

    func reset() {
        value.withLock { $0 = 0 }
    }

    func write(name: String, labels: String, to text: inout String) {
        text += MetricText.sample(name, labels, value.withLock { $0 })
    }
}

final class GaugeSeries: MetricSeries, MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }

    func write(name: String, labels: String, to text: inout String) {
        text += MetricText.sample(name, labels, value.withLock { $0 })
    }
}

final class HistogramSeries: MetricSeries, RecorderHandler, TimerHandler {
    private struct State {
        /// How many values are at most the bound with the same index, but greater than the one before.
        var counts: [Int]
        var count = 0
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    init(bounds: [Double]) {
        self.bounds = bounds.sorted()
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count)))
    }

    func record(_ value: Int64) { record(Double(value)) }
    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1_000_000_000) }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        let index = bounds.firstIndex { value <= $0 }
        state.withLock { state in
            if let index { state.counts[index] += 1 }
            state.count += 1
            state.sum += value
        }
    }

    func write(name: String, labels: String, to text: inout String) {
        let state = state.withLock { $0 }
        let prefix = labels.isEmpty ? "" : labels + ","
        var cumulative = 0
        for (bound, count) in zip(bounds, state.counts) {
            cumulative += count
            let labels = "\(prefix)le=\"\(MetricText.number(bound))\""
            text += MetricText.sample("\(name)_bucket", labels, Double(cumulative))
        }
        text += MetricText.sample("\(name)_bucket", "\(prefix)le=\"+Inf\"", Double(state.count))
        text += MetricText.sample("\(name)_sum", labels, state.sum)
        text += MetricText.sample("\(name)_count", labels, Double(state.count))
    }
}
