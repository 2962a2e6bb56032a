import Logging
import Metrics
import Synchronization

/// Keeps the metrics of a process and writes them in Prometheus' text format (0.0.4).
///
/// Labels of swift-metrics become names: `parley.http.requests` as a counter is `parley_http_requests_total`; timers are
/// histograms in seconds, `…_seconds`; recorders that aggregate are histograms; meters and gauges are gauges. Series are
/// never forgotten, so dimensions must be bounded: a metric has `maximumSeries` at most, and what comes later is dropped
/// with one warning.
public final class PrometheusRegistry: MetricsFactory {
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"
    public static let maximumSeries = 1_000
    /// Upper bounds of timers, in seconds.
    public static let timerBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    /// Upper bounds of recorders, in whatever they record.
    public static let recorderBuckets = [1.0, 2, 5, 10, 20, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 100_000]

    /// The registry of the process.
    public static let shared = PrometheusRegistry()
    private static let bootstrapped: Void = MetricsSystem.bootstrap(shared)

    /// Makes `shared` the destination of every metric of the process. Only the first call counts.
    public static func bootstrap() {
        _ = bootstrapped
    }

    private let families = Mutex<[String: MetricFamily]>([:])
    private let descriptions = Mutex<[String: MetricDescription]>([:])
    private let logger = Logger(label: "parley.metrics")

    public init() {}

    /// Gives a metric its HELP line and, for a timer or recorder, its buckets. To be called before its first use.
    public func describe(_ label: String, _ help: String, buckets: [Double]? = nil) {
        descriptions.withLock { $0[label] = MetricDescription(help: help, buckets: buckets) }
    }

    /// All metrics, ordered by name.
    public func text() -> String {
        let snapshot = families.withLock { $0 }
        var text = ""
        for (_, family) in snapshot.sorted(by: { $0.key < $1.key }) { family.write(to: &text) }
        return text
    }

    /// How many series a metric has, by its name in the output.
    public func seriesCount(_ name: String) -> Int {
        families.withLock { $0[name]?.series.count ?? 0 }
    }

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        let series = series(label, .counter, suffix: "_total", dimensions) { _ in CounterSeries() }
        return series as? CounterSeries ?? CounterSeries()
    }

    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        let series = series(label, .counter, suffix: "_total", dimensions) { _ in CounterSeries() }
        return series as? CounterSeries ?? CounterSeries()
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        let series = series(label, .gauge, suffix: "", dimensions) { _ in GaugeSeries() }
        return series as? GaugeSeries ?? GaugeSeries()
    }

    public func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        if aggregate {
            let series = series(label, .histogram, suffix: "", dimensions) {
                HistogramSeries(bounds: $0 ?? Self.recorderBuckets)
            }
            return series as? HistogramSeries ?? HistogramSeries(bounds: [])
        }
        let series = series(label, .gauge, suffix: "", dimensions) { _ in GaugeSeries() }
        return series as? GaugeSeries ?? GaugeSeries()
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let series = series(label, .histogram, suffix: "_seconds", dimensions) {
            HistogramSeries(bounds: $0 ?? Self.timerBuckets)
        }
        return series as? HistogramSeries ?? HistogramSeries(bounds: [])
    }

    // Two metric objects may share one series, so neither takes it away from the other.
    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}

    /// Finds or makes the series. Nothing when the metric has another kind already or too many series.
    private func series(
        _ label: String, _ kind: MetricFamily.Kind, suffix: String, _ dimensions: [(String, String)],
        make: ([Double]?) -> any MetricSeries
    ) -> (any MetricSeries)? {
        let name = MetricText.name(label, suffix: suffix)
        let labels = MetricText.labels(dimensions)
        let description = descriptions.withLock { $0[label] }
        let (found, warning) = families.withLock { families -> ((any MetricSeries)?, String?) in
            let help = description?.help ?? "The \(kind.rawValue) \(label)."
            var family = families[name] ?? MetricFamily(name: name, kind: kind, help: help)
            defer { families[name] = family }
            return family.find(labels, kind: kind) { make(description?.buckets) }
        }
        if let warning {
            logger.warning("A metric was dropped", metadata: ["metric": "\(name)", "reason": "\(warning)"])
        }
        return found
    }
}

struct MetricDescription: Sendable {
    var help: String
    var buckets: [Double]?
}
