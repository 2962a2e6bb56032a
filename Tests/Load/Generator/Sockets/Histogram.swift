/// Latencies in buckets of at most 1.6 % width, so that millions cost nothing.
struct Histogram {
    private static let steps = 64
    private var counts = [Int](repeating: 0, count: 64 * steps)
    private(set) var total = 0
    private(set) var maximum: UInt64 = 0

    mutating func add(_ nanoseconds: UInt64) {
        counts[Self.bucket(nanoseconds)] += 1
        total += 1
        maximum = max(maximum, nanoseconds)
    }

    /// Milliseconds that this part of all values does not exceed.
    func milliseconds(at part: Double) -> Double {
        var left = Int((Double(total) * part).rounded(.up))
        guard left > 0 else { return 0 }
        for (index, count) in counts.enumerated() {
            left -= count
            if left <= 0 { return Self.upperBound(index) / 1e6 }
        }
        return Double(maximum) / 1e6
    }

    private static func bucket(_ value: UInt64) -> Int {
        guard value >= UInt64(steps) else { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount - 6
        return (exponent + 1) * steps + Int(value >> UInt64(exponent)) - steps
    }

    private static func upperBound(_ bucket: Int) -> Double {
        guard bucket >= steps else { return Double(bucket) }
        let exponent = bucket / steps - 1
        return Double(UInt64(bucket % steps + steps + 1) << UInt64(exponent))
    }
}
