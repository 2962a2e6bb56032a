/// All series of one metric.
struct MetricFamily: Sendable {
    enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    let name: String
    let kind: Kind
    let help: String
    /// By their labels as they are written.
    private(set) var series: [String: any MetricSeries] = [:]
    private var hasWarned = false

    init(name: String, kind: Kind, help: String) {
        self.name = name
        self.kind = kind
        self.help = help
    }

    /// The series with these labels, or why there is none; the reason is given only once.
    mutating func find(
        _ labels: String, kind: Kind, make: () -> any MetricSeries
    ) -> (series: (any MetricSeries)?, warning: String?) {
        guard kind == self.kind else { return (nil, warn("it is a \(self.kind.rawValue) already")) }
        if let known = series[labels] { return (known, nil) }
        guard series.count < PrometheusRegistry.maximumSeries else {
            return (nil, warn("it has \(series.count) series; its labels are not bounded"))
        }
        let new = make()
        series[labels] = new
        return (new, nil)
    }

    func write(to text: inout String) {
        guard !series.isEmpty else { return }
        text += "# HELP \(name) \(MetricText.escapeHelp(help))\n# TYPE \(name) \(kind.rawValue)\n"
        for (labels, series) in series.sorted(by: { $0.key < $1.key }) {
            series.write(name: name, labels: labels, to: &text)
        }
    }

    private mutating func warn(_ reason: String) -> String? {
        defer { hasWarned = true }
        return hasWarned ? nil : reason
    }
}

/// The spelling of names, labels and numbers in Prometheus' text format.
enum MetricText {
    /// `a-b.c` is `a_b_c`, with `suffix` unless it is there already.
    static func name(_ label: String, suffix: String) -> String {
        let name = identifier(label)
        return name.hasSuffix(suffix) ? name : name + suffix
    }

    /// `route="/a",status="200"`, ordered by name.
    static func labels(_ dimensions: [(String, String)]) -> String {
        var values: [String: String] = [:]
        for (name, value) in dimensions {
            let name = identifier(name)
            values[name == "le" ? "exported_le" : name] = value
        }
        return values.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(escapeLabel($0.value))\"" }
            .joined(separator: ",")
    }

    static func sample(_ name: String, _ labels: String, _ value: Double) -> String {
        labels.isEmpty ? "\(name) \(number(value))\n" : "\(name){\(labels)} \(number(value))\n"
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return Int64(exactly: value).map(String.init) ?? String(value)
    }

    static func escapeHelp(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    }

    private static func escapeLabel(_ text: String) -> String {
        escapeHelp(text).replacing("\"", with: "\\\"")
    }

    private static func identifier(_ label: String) -> String {
        let name = String(label.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        return name.first?.isNumber == false ? name : "_" + name
    }
}
