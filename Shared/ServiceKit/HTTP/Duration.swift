extension Duration {
    /// Rounded down; at most what `Int64` holds.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : product.addingReportingOverflow(attoseconds / 1_000_000_000).partialValue
    }

    var wholeMilliseconds: Int { Int(clamping: nanoseconds / 1_000_000) }

    /// Rounded up; at least 1.
    var wholeSecondsUp: Int {
        let (seconds, attoseconds) = components
        return Int(clamping: max(1, attoseconds > 0 ? seconds.addingReportingOverflow(1).partialValue : seconds))
    }
}
