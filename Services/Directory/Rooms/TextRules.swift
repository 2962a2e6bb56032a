import Foundation
import ParleyProtocol

/// What texts of people must be like before they are kept.
enum TextRules {
    /// A text of one line: without spaces around it, control characters, and characters that turn the reading direction of
    /// what follows.
    static func line(_ text: String, _ limit: ClosedRange<Int>) throws(FieldRefusal) -> String {
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        try checkLength(trimmed, limit)
        guard trimmed.unicodeScalars.allSatisfy(isPlain) else { throw FieldRefusal(.badFormat) }
        guard limit.lowerBound == 0 || trimmed.unicodeScalars.contains(where: isVisible) else {
            throw FieldRefusal(.badFormat)
        }
        return trimmed
    }

    /// A text of several lines, which end with LF.
    static func lines(_ text: String, _ limit: ClosedRange<Int>) throws(FieldRefusal) -> String {
        let unified = text.replacingOccurrences(of: "\r\n", with: "\n").replacingOccurrences(of: "\r", with: "\n")
        let trimmed = unified.trimmingCharacters(in: .whitespacesAndNewlines)
        try checkLength(trimmed, limit)
        guard trimmed.unicodeScalars.allSatisfy({ isPlain($0) || $0 == "\n" || $0 == "\t" }) else {
            throw FieldRefusal(.badFormat)
        }
        return trimmed
    }

    private static func checkLength(_ text: String, _ limit: ClosedRange<Int>) throws(FieldRefusal) {
        // A single character can hold any number of combining marks.
        guard text.count <= limit.upperBound, text.utf8.count <= max(64, limit.upperBound) * 16 else {
            throw FieldRefusal(.tooLong)
        }
        guard text.count >= limit.lowerBound else { throw FieldRefusal(text.isEmpty ? .missing : .tooShort) }
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse, .surrogate: false
        default: !(0x202A...0x202E).contains(scalar.value) && !(0x2066...0x2069).contains(scalar.value)
        }
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .format, .spaceSeparator, .nonspacingMark, .enclosingMark: false
        default: true
        }
    }
}

/// Why a field can't be accepted.
struct FieldRefusal: Error, Equatable {
    let reason: FieldProblem.Reason

    init(_ reason: FieldProblem.Reason) {
        self.reason = reason
    }
}

/// Checks one field after the other and keeps what is wrong with each.
struct FieldChecks {
    private(set) var problems: [FieldProblem] = []

    /// `nil` when the field can't be accepted.
    mutating func check<T>(_ field: String, _ body: () throws(FieldRefusal) -> T) -> T? {
        do throws(FieldRefusal) {
            return try body()
        } catch {
            problems.append(FieldProblem(field, error.reason))
            return nil
        }
    }
}
