/// A table as RFC 4180 has it, safe to open in a spreadsheet.
struct CSVTable: Sendable {
    private(set) var text = ""

    init(header: [String]) {
        append(header)
    }

    mutating func append(_ row: [String]) {
        text += row.map(Self.cell).joined(separator: ",") + "\r\n"
    }

    /// What would begin a formula gets an apostrophe, also behind blanks that a spreadsheet takes away. All cells have quotes, because
    /// spreadsheets of many countries take a semicolon for the end of a cell that has none.
    private static func cell(_ value: String) -> String {
        var value = value
        if begins(formula: value) { value = "'" + value }
        // By scalars: a quote with an accent is a quote still.
        let doubled = value.unicodeScalars.flatMap { $0 == "\"" ? [$0, $0] : [$0] }
        return "\"" + String(String.UnicodeScalarView(doubled)) + "\""
    }

    private static func begins(formula value: String) -> Bool {
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\t", "\r", "\n", "\0", "=", "+", "-", "@", "＝", "＋", "－", "＠": return true
            default: break
            }
            guard isBlank(scalar) else { return false }
        }
        return false
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .spaceSeparator, .format, .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
