import Foundation
import Mail
import TestSupport
import Testing

@Suite("Mails as they go over the wire")
struct MIMETests {
    /// What Python's email package reads in a mail, as JSON.
    private static let reader = """
        import email, email.policy, json, sys
        from email.header import decode_header, make_header
        from email.utils import parseaddr
        mail = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
        def part(p):
            return {"type": p.get_content_type(), "file": p.get_filename(), "method": p["content-type"].params.get("method"),
                    "text": p.get_content() if p.get_content_maintype() == "text" else p.get_content().decode()}
        raw = email.message_from_binary_file(open(sys.argv[1], "rb"))
        def people(name):
            # Of a name in several encoded words the newer parser makes several words.
            person, address = parseaddr(raw[name])
            return [[str(make_header(decode_header(person))), address]]
        print(json.dumps({
            "headers": mail.keys(), "subject": mail["subject"], "from": people("from"), "to": people("to"),
            "replyTo": people("reply-to"), "id": mail["message-id"], "date": mail["date"].datetime.timestamp(),
            "automatic": mail["auto-submitted"], "defects": [str(d) for p in mail.walk() for d in p.defects],
            "parts": [part(p) for p in mail.walk() if not p.is_multipart()],
            "structure": [p.get_content_type() for p in mail.walk()]}))
        """

    private struct Read: Decodable {
        struct Part: Decodable, Equatable {
            var type: String
            var file: String?
            var method: String?
            var text: String
        }

        var headers: [String]
        var subject: String
        var from: [[String]]
        var to: [[String]]
        var replyTo: [[String]]
        var id: String
        var date: Double
        var automatic: String?
        var defects: [String]
        var parts: [Part]
        var structure: [String]
    }

    private static func read(_ message: MailMessage) throws -> Read {
        let text = try TestPython.run(reader, input: MIMEWriter.bytes(of: message))
        return try JSONDecoder().decode(Read.self, from: Data(text.utf8))
    }

    private static func message(
        name: String? = "Ada Lovelace", subject: String = "Invitation: Weekly", text: String = "Hello\nAda",
        calendar: MailMessage.Calendar? = nil
    ) throws -> MailMessage {
        let from = try #require(Mailbox("parley@example.org", name: name))
        let to = try #require(Mailbox("grace@example.org"))
        return MailMessage(
            id: UUID(), from: from, to: to, replyTo: Mailbox("ada@example.org", name: name),
            date: Date(timeIntervalSince1970: 1_790_000_000), subject: subject, text: text, html: "<p>\(text)</p>",
            calendar: calendar, language: "en")
    }

    static let headers = [
        "Date", "From", "To", "Reply-To", "Message-ID", "Subject", "Content-Language", "X-Auto-Response-Suppress",
        "MIME-Version", "Content-Type",
    ]

    /// What people may be called, and rooms too.
    static let texts = [
        "Weekly", "Jour fixe “Küche”", "周会 📅", "👩‍👩‍👧‍👦 Familie", "\"Quoted\" \\ (comment)", "a, b; c: <d@example.org>",
        "=?utf-8?Q?evil?=", "line\r\nBcc: eve@example.org", "line\nX-Evil: 1", "line\rX-Evil: 1",
        "\u{2028}X-Evil: 1\u{2029}\u{85}\u{0}\u{7F}", String(repeating: "long ", count: 200),
        String(repeating: "ä", count: 300), "e" + String(repeating: "\u{301}", count: 500), " spaces  inside ", ".",
        "a.\r\n.\r\nQUIT", "--=_inner_", "مرحبا \u{202E}gpj.exe", String(repeating: "🎉", count: 100),
    ]

    private static func oneLine(_ text: String) -> String {
        let kept = text.unicodeScalars.map { scalar -> Character in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: " "
            default: Character(scalar)
            }
        }
        return kept.map(String.init).joined().split(separator: " ").joined(separator: " ")
    }

    @Test(
        "whatever a name, a subject and a text hold, it is read back as it was, and is nothing else", arguments: texts)
    func hostile(_ text: String) throws {
        let read = try Self.read(try Self.message(name: text, subject: text, text: text))
        #expect(read.headers == Self.headers)
        #expect(read.defects == [])
        #expect(read.subject == Self.oneLine(text))
        #expect(read.from == [[Self.oneLine(text), "parley@example.org"]])
        #expect(read.replyTo == [[Self.oneLine(text), "ada@example.org"]])
        #expect(read.to == [["", "grace@example.org"]])
        #expect(read.structure == ["multipart/alternative", "text/plain", "text/html"])
        let lines = text.replacingOccurrences(of: "\r\n", with: "\n").replacingOccurrences(of: "\r", with: "\n")
        #expect(read.parts.first?.text == lines || read.parts.first?.text == lines + "\n")
    }

    @Test("lines end with CRLF, are short, and hold ASCII only", arguments: texts)
    func lines(_ text: String) throws {
        let calendar = MailMessage.Calendar(method: .request, text: text)
        let bytes = MIMEWriter.bytes(
            of: try Self.message(name: text, subject: text, text: text + text, calendar: calendar))
        #expect(bytes.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x0D || $0 == 0x0A || $0 == 0x09 })
        let whole = String(decoding: bytes, as: UTF8.self).unicodeScalars
        for line in whole.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            #expect(line.last == "\r" && !line.dropLast().contains("\r") && line.count <= 79)
        }
    }

    @Test("a calendar is an alternative, for programs that show it, and a file")
    func calendar() throws {
        let file = "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nSUMMARY:Küche\r\nEND:VCALENDAR\r\n"
        let read = try Self.read(try Self.message(calendar: .init(method: .cancel, text: file)))
        #expect(
            read.structure == [
                "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar",
                "application/ics",
            ])
        #expect(read.defects == [])
        let parts = read.parts.suffix(2)
        #expect(parts.first?.method == "CANCEL" && parts.last?.file == "invite.ics")
        #expect(parts.allSatisfy { $0.text.replacingOccurrences(of: "\r\n", with: "\n").contains("SUMMARY:Küche\n") })
        #expect(parts.last?.text == file)
    }

    @Test("the same mail has the same Message-ID and the same bytes each time; date and origin are right")
    func stable() throws {
        var message = try Self.message()
        message.isAutomatic = true
        #expect(MIMEWriter.bytes(of: message) == MIMEWriter.bytes(of: message))
        let read = try Self.read(message)
        #expect(read.id == "<\(message.id.uuidString.lowercased())@example.org>")
        #expect(read.date == 1_790_000_000)
        #expect(read.automatic == "auto-generated")
        #expect(try Self.read(try Self.message()).automatic == nil)
    }
}
