import Foundation

/// Texts of people in headers. What comes out is ASCII and has line breaks only where the next line begins with a space.
enum HeaderText {
    /// A longer text is folded by writing it in encoded words, whatever it is made of.
    private static let plainLimit = 60
    /// RFC 2047, 2: a line with an encoded word has 76 characters at most. `=?utf-8?B?` and `?=` take twelve, base64 makes four
    /// of three, and before the first one stands the header's name.
    private static let wordBytes = 39
    /// A header has no use for more, and a hostile name may have any number of combining marks.
    private static let byteLimit = 2_048

    /// Such as a subject.
    static func unstructured(_ text: String) -> String {
        let text = oneLine(text)
        guard isPlain(text), !text.contains("=?") else { return encodedWords(text) }
        return text
    }

    /// A person's name before an address.
    static func phrase(_ text: String) -> String {
        let text = oneLine(text)
        guard !text.isEmpty else { return "" }
        guard isPlain(text), !text.contains("=?") else { return encodedWords(text) }
        let escaped = text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
        return "\"\(escaped)\""
    }

    /// Control characters and line breaks of every kind become spaces, several spaces one.
    private static func oneLine(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: scalars.append(" ")
            default: scalars.append(scalar)
            }
        }
        return String(scalars).split(separator: " ").joined(separator: " ")
    }

    private static func isPlain(_ text: String) -> Bool {
        text.utf8.count <= plainLimit && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }

    /// No scalar is split between two words (RFC 2047, 5).
    private static func encodedWords(_ text: String) -> String {
        var words: [[UInt8]] = [[]]
        var total = 0
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            total += bytes.count
            guard total <= byteLimit else { break }
            if (words.last?.count ?? 0) + bytes.count > wordBytes { words.append([]) }
            words[words.endIndex - 1] += bytes
        }
        return words.map { "=?utf-8?B?\(Data($0).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }
}

/// RFC 2045, 6.7.
enum QuotedPrintable {
    private static let lineLimit = 76

    static func lines(of text: String) -> [String] {
        let unified = text.replacingOccurrences(of: "\r\n", with: "\n").replacingOccurrences(of: "\r", with: "\n")
        return unified.split(separator: "\n", omittingEmptySubsequences: false).flatMap { encode(Array($0.utf8)) }
    }

    /// One line of text, as one or several lines.
    private static func encode(_ bytes: [UInt8]) -> [String] {
        var lines: [String] = []
        var line = ""
        for (index, byte) in bytes.enumerated() {
            let token = token(byte, isLast: index == bytes.count - 1)
            // One place is for the sign that the line goes on.
            if line.utf8.count + token.utf8.count > lineLimit - 1 {
                lines.append(line + "=")
                line = ""
            }
            line += token
        }
        return lines + [line]
    }

    /// A space at the end of a line would get lost on the way.
    private static func token(_ byte: UInt8, isLast: Bool) -> String {
        switch byte {
        case UInt8(ascii: "="): break
        case 0x20, 0x09: if !isLast { return String(UnicodeScalar(byte)) }
        case 0x21...0x7E: return String(UnicodeScalar(byte))
        default: break
        }
        let digits = String(byte, radix: 16, uppercase: true)
        return "=" + (digits.utf8.count == 1 ? "0" + digits : digits)
    }
}
