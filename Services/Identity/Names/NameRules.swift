import Foundation
import ParleyProtocol

/// Rules that names of all kinds share.
enum NameRules {
    /// Whether nobody would see it.
    static func isInvisible(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy(\.properties.isDefaultIgnorableCodePoint)
    }

    /// As it is stored; see `ReadableText.tidy`.
    static func tidy(_ text: String) -> String { ReadableText.tidy(text) }

    /// A name that people read: any writing, of a length in characters.
    /// - Parameters:
    ///   - what: the beginning of the sentence that says what is wrong, such as "The display name".
    ///   - field: its name in requests.
    static func readable(
        _ text: String, _ what: String, field: String, characters: ClosedRange<Int>
    ) throws(InputProblem) -> String {
        do throws(FieldRefusal) {
            return try ReadableText.line(text, characters)
        } catch {
            throw InputProblem(
                error.reason == .badFormat
                    ? "\(what) must not contain control characters."
                    : "\(what) must have \(characters.lowerBound) to \(characters.upperBound) characters.",
                field: FieldProblem(field, error.reason))
        }
    }

    /// Whether it has control characters, line breaks, or marks that turn the direction of the text around them.
    static func hasInvisibleControl(_ text: String) -> Bool {
        !text.unicodeScalars.allSatisfy(ReadableText.isReadable)
    }
}
