import Foundation
import Metrics
import Testing

@testable import ServiceKit

@Suite("Metrics", .timeLimit(.minutes(1)))
struct MetricsTests {
    private func filled() -> PrometheusRegistry {
        let registry = PrometheusRegistry()
        registry.describe("parley.seats", "Seats taken \\ held,\nnow.")
        Counter(label: "parley.joins", dimensions: [("result", "a\"b\\c\nd")], factory: registry).increment(by: 3)
        Counter(label: "redis_commands_total", factory: registry).increment()
        FloatingPointCounter(label: "parley.seconds.slept", dimensions: [], factory: registry).increment(by: 1.5)
        Meter(label: "parley.seats", factory: registry).set(7)
        Gauge(label: "parley.rooms", dimensions: [], factory: registry).record(2)
        let timer = Metrics.Timer(label: "parley.join.time", dimensions: [], factory: registry)
        timer.recordMilliseconds(30)
        timer.recordSeconds(99)
        let sizes = Recorder(label: "parley.message.bytes", dimensions: [], aggregate: true, factory: registry)
        sizes.record(7)
        return registry
    }

    @Test("counters, gauges and histograms are written in Prometheus' format")
    func format() {
        let text = filled().text()
        #expect(text.contains("# TYPE parley_joins_total counter\n"))
        #expect(text.contains(#"parley_joins_total{result="a\"b\\c\nd"} 3"# + "\n"))
        #expect(text.contains("\nredis_commands_total 1\n"))
        #expect(text.contains("parley_seconds_slept_total 1.5\n"))
        #expect(
            text.contains(
                "# HELP parley_seats Seats taken \\\\ held,\\nnow.\n# TYPE parley_seats gauge\nparley_seats 7\n"))
        #expect(text.contains("parley_rooms 2\n"))
        #expect(text.contains("# TYPE parley_join_time_seconds histogram\n"))
        #expect(text.contains("parley_join_time_seconds_bucket{le=\"0.025\"} 0\n"))
        #expect(text.contains("parley_join_time_seconds_bucket{le=\"0.05\"} 1\n"))
        #expect(text.contains("parley_join_time_seconds_bucket{le=\"10\"} 1\n"))
        #expect(text.contains("parley_join_time_seconds_bucket{le=\"+Inf\"} 2\n"))
        #expect(text.contains("parley_join_time_seconds_sum 99.03\n"))
        #expect(text.contains("parley_join_time_seconds_count 2\n"))
        #expect(text.contains("parley_message_bytes_bucket{le=\"10\"} 1\n"))
    }

    @Test("the same name and labels are one series, in any order of the labels")
    func sameSeries() {
        let registry = PrometheusRegistry()
        Counter(label: "c", dimensions: [("a", "1"), ("b", "2")], factory: registry).increment()
        Counter(label: "c", dimensions: [("b", "2"), ("a", "1")], factory: registry).increment()
        #expect(registry.text().contains("c_total{a=\"1\",b=\"2\"} 2\n"))
    }

    @Test("a metric has at most 1000 series; what comes later is dropped")
    func bounded() {
        let registry = PrometheusRegistry()
        for number in 0..<1_200 {
            Counter(label: "c", dimensions: [("id", "\(number)")], factory: registry).increment()
        }
        #expect(registry.seriesCount("c_total") == 1_000)
        Counter(label: "c", dimensions: [("id", "5")], factory: registry).increment()
        #expect(registry.text().contains("c_total{id=\"5\"} 2\n"))
    }

    @Test("one name is one kind of metric")
    func kinds() {
        let registry = PrometheusRegistry()
        Meter(label: "x_total", factory: registry).set(1)
        Counter(label: "x", factory: registry).increment()
        #expect(registry.text().contains("# TYPE x_total gauge\nx_total 1\n"))
        #expect(!registry.text().contains("counter"))
    }

    @Test("buckets can be chosen, and odd values break nothing")
    func oddValues() {
        let registry = PrometheusRegistry()
        registry.describe("r", "R.", buckets: [5, 1])
        let recorder = Recorder(label: "r", dimensions: [], aggregate: true, factory: registry)
        recorder.record(Double.nan)
        recorder.record(Double.infinity)
        recorder.record(1)
        FloatingPointCounter(label: "f", dimensions: [], factory: registry).increment(by: -4)
        #expect(registry.text().contains("r_bucket{le=\"1\"} 1\nr_bucket{le=\"5\"} 1\nr_bucket{le=\"+Inf\"} 1\n"))
        #expect(registry.text().contains("f_total 0\n"))
    }

    @Test("many tasks count together without loss")
    func concurrent() async {
        let registry = PrometheusRegistry()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1_000 { Counter(label: "c", factory: registry).increment() }
                }
            }
        }
        #expect(registry.text().contains("c_total 8000\n"))
    }

    @Test("promtool has nothing to complain about")
    func promtoolAgrees() throws {
        try #require(
            FileManager.default.isExecutableFile(atPath: promtool),
            "\(promtool) is missing: install Debian's package prometheus, as ops/install does")
        let process = Process()
        process.executableURL = URL(filePath: promtool)
        process.arguments = ["check", "metrics"]
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data((filled().text() + ProcessMetrics.text()).utf8))
        try input.fileHandleForWriting.close()
        let said = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(said)")
        #expect(said.isEmpty)
    }
}

private let promtool = "/usr/bin/promtool"
