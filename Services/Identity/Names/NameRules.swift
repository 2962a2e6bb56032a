import Foundation
import ParleyProtocol

/// Rules that names of all kinds share.
enum NameRules {
    /// Unicode scalars that a character may have on average; more is no writing but stacked marks.
    private static let scalarsPerCharacter = 4

    /// Whether nobody would see it.
    static func isInvisible(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy(\.properties.isDefaultIgnorableCodePoint)
    }

    /// Without space around it and in canonical composition, as it is stored.
    static func tidy(_ text: String) -> String {
        text.trimmingCharacters(in: .whitespacesAndNewlines).precomposedStringWithCanonicalMapping
    }

    /// A name that people read: any writing, of a length in characters.
    /// - Parameters:
    ///   - what: the beginning of the sentence that says what is wrong, such as "The display name".
    ///   - field: its name in requests.
    static func readable(
        _ text: String, _ what: String, field: String, characters: ClosedRange<Int>
    ) throws(InputProblem) -> String {
        let name = tidy(text)
        guard characters.contains(name.count),
            name.unicodeScalars.count <= characters.upperBound * scalarsPerCharacter
        else {
            let reason: FieldProblem.Reason =
                name.isEmpty ? .missing : name.count < characters.lowerBound ? .tooShort : .tooLong
            throw InputProblem(
                "\(what) must have \(characters.lowerBound) to \(characters.upperBound) characters.",
                field: FieldProblem(field, reason))
        }
        guard !hasInvisibleControl(name), !isInvisible(name) else {
            throw InputProblem(
                "\(what) must not contain control characters.", field: FieldProblem(field, .badFormat))
        }
        return name
    }

    /// Control characters, line breaks, and the marks that turn the direction of the text around them, with which one name
    /// can be made to look like another.
    static func hasInvisibleControl(_ text: String) -> Bool {
        text.unicodeScalars.contains { scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: true
            default: (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
            }
        }
    }
}
