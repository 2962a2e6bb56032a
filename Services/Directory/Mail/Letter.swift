import Foundation
import Mail

/// What a mail says, as it is kept until it is sent.
struct Letter: Codable, Hashable, Sendable {
    struct Calendar: Codable, Hashable, Sendable {
        var method: CalendarMethod
        /// A file with this method.
        var text: String
    }

    var subject: String
    /// Paragraphs are separated by an empty line.
    var text: String
    /// Where it stands in the text, one can click on it.
    var link: String
    var language: InvitationLanguage
    /// Who sends it, for people. Absent: the service itself.
    var sender: String?
    var calendar: Calendar?

    /// - Parameter replyTo: where answers of people go.
    func message(id: UUID, from: Mailbox, to: Mailbox, replyTo: Mailbox?, date: Date) -> MailMessage {
        var from = from
        if let sender { from.name = "\(sender) (\(from.name ?? "Parley"))" }
        return MailMessage(
            id: id, from: from, to: to, replyTo: replyTo, date: date, subject: subject, text: text + "\n",
            html: LetterHTML.document(of: self),
            calendar: calendar.flatMap { calendar in
                switch calendar.method {
                case .publish: nil
                case .request: .init(method: .request, text: calendar.text)
                case .cancel: .init(method: .cancel, text: calendar.text)
                }
            },
            language: language.rawValue, isAutomatic: sender == nil)
    }
}

extension InvitationLanguage: Codable {}
extension CalendarMethod: Codable {}

/// A letter's text as a page: the same words, nothing from elsewhere, readable without styles.
enum LetterHTML {
    static func document(of letter: Letter) -> String {
        let paragraphs = letter.text.components(separatedBy: "\n\n").filter { !$0.isEmpty }.map { text in
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
                line(String($0), letter.link)
            }
            return "<p style=\"margin:0 0 16px\">\(lines.joined(separator: "<br>\n"))</p>"
        }
        return """
            <!DOCTYPE html>
            <html lang="\(letter.language.rawValue)">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>\(escaped(letter.subject))</title>
            </head>
            <body style="margin:0;padding:24px;font-family:system-ui,sans-serif;font-size:16px;line-height:1.5">
            \(paragraphs.joined(separator: "\n"))
            </body>
            </html>

            """
    }

    /// The first place of the link becomes one; it is made by the service, and never what people have written.
    private static func line(_ text: String, _ link: String) -> String {
        guard link.hasPrefix("https://") || link.hasPrefix("http://"), text.hasSuffix(link) else {
            return escaped(text)
        }
        let before = escaped(String(text.dropLast(link.count)))
        return "\(before)<a href=\"\(escaped(link))\">\(escaped(link))</a>"
    }

    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
