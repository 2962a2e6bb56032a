import Foundation
import ParleyProtocol

/// What people may write: names of one line, messages of several.
enum TextRules {
    /// A name as others see it; see `ReadableText.line`.
    ///
    /// - Throws: `RequestFailure` with `validation_failed`.
    static func displayName(_ text: String) throws(RequestFailure) -> String {
        do throws(FieldRefusal) {
            return try ReadableText.line(text, Limits.displayName)
        } catch {
            throw .invalid(
                error.reason == .badFormat
                    ? "A name has no control characters."
                    : "A name has 1 to \(Limits.displayName.upperBound) characters.")
        }
    }

    /// A chat message without the space around it, with lines ended by `\n`.
    ///
    /// - Throws: `RequestFailure` with `validation_failed`.
    static func chat(_ text: String) throws(RequestFailure) -> String {
        // Most messages: nothing to look at one character after the other.
        if isPlain(text), Limits.chatText.contains(text.utf8.count) { return text }
        let message = text.replacing("\r\n", with: "\n").trimmingCharacters(in: .whitespacesAndNewlines)
        let hasControls = message.unicodeScalars.contains {
            $0.properties.generalCategory == .control && $0 != "\n" && $0 != "\t"
        }
        guard !hasControls else { throw .invalid("A message has no control characters.") }
        guard Limits.chatText.contains(message.count) else {
            throw .invalid("A message has 1 to \(Limits.chatText.upperBound) characters.")
        }
        guard message.utf8.count <= Limits.chatTextBytes else {
            throw .invalid("A message has at most \(Limits.chatTextBytes) bytes.")
        }
        return message
    }

    /// An idempotency key: 1 to 64 visible ASCII characters.
    ///
    /// - Throws: `RequestFailure` with `validation_failed`.
    static func idempotencyKey(_ key: String) throws(RequestFailure) -> String {
        guard (1...64).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .invalid("A key has 1 to 64 visible ASCII characters.")
        }
        return key
    }

    /// Whether it is visible ASCII in one line, without spaces around it.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.first != 0x20 && text.utf8.last != 0x20 && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }
}
