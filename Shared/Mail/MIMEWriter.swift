import Foundation

/// Writes a mail as it goes over the wire: RFC 5322 headers, RFC 2045–2049 parts, ASCII only, lines of at most 78
/// characters that end with CRLF.
///
/// Text and HTML are alternatives; so is the calendar, which mail programs show as an invitation, and which is attached once
/// more for those that don't.
public enum MIMEWriter {
    /// RFC 2045, 6.8.
    private static let base64Line = 76

    public static func bytes(of message: MailMessage) -> [UInt8] {
        var lines = headers(of: message)
        // No text can hold it: in quoted-printable `=` is followed by two hexadecimal digits, and base64 has no `_`.
        let (outer, inner) = ("=_outer_\(message.id.uuidString)", "=_inner_\(message.id.uuidString)")
        guard let calendar = message.calendar else {
            lines += alternatives(of: message, boundary: inner)
            return bytes(lines)
        }
        lines += ["Content-Type: multipart/mixed;", " boundary=\"\(outer)\"", "", "--\(outer)"]
        lines += alternatives(of: message, boundary: inner)
        lines += [
            "--\(outer)", "Content-Type: application/ics; name=\"invite.ics\"",
            "Content-Disposition: attachment; filename=\"invite.ics\"", "Content-Transfer-Encoding: base64", "",
        ]
        lines += base64(calendar.text) + ["--\(outer)--"]
        return bytes(lines)
    }

    // MARK: Headers

    private static func headers(of message: MailMessage) -> [String] {
        var lines = [
            "Date: \(date(message.date))", "From: \(mailbox(message.from))", "To: \(mailbox(message.to))",
        ]
        if let replyTo = message.replyTo { lines.append("Reply-To: \(mailbox(replyTo))") }
        lines += [
            "Message-ID: <\(message.id.uuidString.lowercased())@\(message.from.domain)>",
            "Subject: \(HeaderText.unstructured(message.subject))",
            "Content-Language: \(message.language.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })",
        ]
        if message.isAutomatic { lines.append("Auto-Submitted: auto-generated") }
        lines += ["X-Auto-Response-Suppress: OOF, AutoReply", "MIME-Version: 1.0"]
        return lines
    }

    private static func mailbox(_ mailbox: Mailbox) -> String {
        guard let name = mailbox.name.map(HeaderText.phrase), !name.isEmpty else { return "<\(mailbox.address)>" }
        return "\(name)\r\n <\(mailbox.address)>"
    }

    /// RFC 5322, 3.3.
    private static func date(_ date: Date) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss '+0000'"
        return formatter.string(from: date)
    }

    // MARK: Parts

    private static func alternatives(of message: MailMessage, boundary: String) -> [String] {
        var lines = ["Content-Type: multipart/alternative;", " boundary=\"\(boundary)\"", ""]
        for (type, text) in [("plain", message.text), ("html", message.html)] {
            lines += [
                "--\(boundary)", "Content-Type: text/\(type); charset=utf-8",
                "Content-Transfer-Encoding: quoted-printable", "",
            ]
            lines += QuotedPrintable.lines(of: text)
        }
        if let calendar = message.calendar {
            lines += [
                "--\(boundary)",
                "Content-Type: text/calendar; charset=utf-8; method=\(calendar.method.rawValue)",
                "Content-Transfer-Encoding: base64", "",
            ]
            lines += base64(calendar.text)
        }
        return lines + ["--\(boundary)--"]
    }

    private static func base64(_ text: String) -> [String] {
        var rest = Substring(Data(text.utf8).base64EncodedString())
        var lines: [String] = []
        while !rest.isEmpty {
            lines.append(String(rest.prefix(base64Line)))
            rest = rest.dropFirst(base64Line)
        }
        return lines
    }

    private static func bytes(_ lines: [String]) -> [UInt8] {
        [UInt8]((lines.joined(separator: "\r\n") + "\r\n").utf8)
    }
}
