import Foundation

/// What texts of people must be like before they are kept or shown to others. The same for all services, so that a name that one takes
/// is not refused by the next.
public enum ReadableText {
    /// Unicode scalars that a character may have on average; more is no writing but stacked marks.
    private static let scalarsPerCharacter = 4

    /// A text of one line, in canonical composition: without spaces around it, control characters, and characters that turn the
    /// reading direction of what follows, with which one name can be made to look like another.
    /// - Parameter limit: in characters.
    public static func line(_ text: String, _ limit: ClosedRange<Int>) throws(FieldRefusal) -> String {
        let tidied = tidy(text)
        try checkLength(tidied, limit)
        guard tidied.unicodeScalars.allSatisfy(isReadable) else { throw FieldRefusal(.badFormat) }
        guard limit.lowerBound == 0 || tidied.unicodeScalars.contains(where: isVisible) else {
            throw FieldRefusal(.badFormat)
        }
        return tidied
    }

    /// A text of several lines, which end with LF.
    public static func lines(_ text: String, _ limit: ClosedRange<Int>) throws(FieldRefusal) -> String {
        let unified = text.replacingOccurrences(of: "\r\n", with: "\n").replacingOccurrences(of: "\r", with: "\n")
        let tidied = tidy(unified)
        try checkLength(tidied, limit)
        guard tidied.unicodeScalars.allSatisfy({ isReadable($0) || $0 == "\n" || $0 == "\t" }) else {
            throw FieldRefusal(.badFormat)
        }
        return tidied
    }

    /// Without space around it and in canonical composition.
    public static func tidy(_ text: String) -> String {
        text.precomposedStringWithCanonicalMapping.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Neither a control character nor a mark that turns the direction of the text around it.
    public static func isReadable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse, .surrogate: false
        // Marks, embeddings, overrides and isolates of direction; U+FEFF is an invisible space.
        case .format:
            ![0x200E, 0x200F, 0x061C, 0xFEFF].contains(scalar.value)
                && !(0x202A...0x202E).contains(scalar.value) && !(0x2066...0x2069).contains(scalar.value)
        default: true
        }
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        guard !scalar.properties.isDefaultIgnorableCodePoint else { return false }
        return switch scalar.properties.generalCategory {
        case .format, .spaceSeparator, .nonspacingMark, .enclosingMark: false
        default: true
        }
    }

    private static func checkLength(_ text: String, _ limit: ClosedRange<Int>) throws(FieldRefusal) {
        guard text.count <= limit.upperBound, text.unicodeScalars.count <= limit.upperBound * scalarsPerCharacter else {
            throw FieldRefusal(.tooLong)
        }
        guard text.count >= limit.lowerBound else { throw FieldRefusal(text.isEmpty ? .missing : .tooShort) }
    }
}

/// Why a field can't be accepted.
public struct FieldRefusal: Error, Equatable, Sendable {
    public let reason: FieldProblem.Reason

    public init(_ reason: FieldProblem.Reason) {
        self.reason = reason
    }
}
