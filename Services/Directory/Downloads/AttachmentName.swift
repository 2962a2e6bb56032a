/// The name under which an answer is kept by who downloads it (RFC 6266).
enum AttachmentName {
    private static let longest = 100
    /// `attr-char` of RFC 8187 without those that file systems or shells mind.
    private static let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.".utf8)

    /// A value of `Content-Disposition`: ASCII only, and nothing in it can end a header.
    static func header(_ title: String, extension suffix: StaticString) -> String {
        let name = shortened(title)
        let ascii = name.unicodeScalars.map { scalar in
            scalar.isASCII && plain.contains(UInt8(truncatingIfNeeded: scalar.value)) ? Character(scalar) : "_"
        }
        let encoded = name.utf8.map { plain.contains($0) ? String(UnicodeScalar($0)) : percent($0) }.joined()
        return "attachment; filename=\"\(String(ascii)).\(suffix)\"; filename*=UTF-8''\(encoded).\(suffix)"
    }

    /// Without what names of files can't have or what hides in them.
    private static func shortened(_ title: String) -> String {
        var name = ""
        for character in title.prefix(longest) {
            let isKept = character.unicodeScalars.allSatisfy { scalar in
                switch scalar.properties.generalCategory {
                case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
                default: !"\\/:*?\"<>|".unicodeScalars.contains(scalar)
                }
            }
            name.append(isKept ? character : "_")
            // A single character can have any number of marks.
            if name.utf8.count > 4 * longest { break }
        }
        while name.hasPrefix(".") || name.hasPrefix(" ") { name.removeFirst() }
        return name.isEmpty || name.utf8.count > 8 * longest ? "file" : name
    }

    private static func percent(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return "%" + (digits.utf8.count < 2 ? "0" : "") + digits
    }
}
