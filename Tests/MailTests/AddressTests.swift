import Mail
import Testing

@Suite("Mail addresses")
struct AddressTests {
    @Test(
        "what can stand in a header and a command is taken",
        arguments: [
            "ada@example.org", "ada.lovelace+x@mail.example.org", "o'neil@example.org", "a@localhost", "_@x-y.de",
        ])
    func taken(_ text: String) {
        #expect(Mailbox(text)?.address == text)
    }

    @Test(
        "everything else is not",
        arguments: [
            "", "@", "ada", "ada@", "@example.org", "a@b@c", "ada@example.org\r\nBcc: eve@example.org",
            "ada@exa\nmple.org",
            "ada @example.org", "<ada@example.org>", "\"ada\"@example.org", "ada@[127.0.0.1]", "ada@127.0.0.1",
            "ada..b@example.org", ".ada@example.org", "ada@-example.org", "ada@example..org", "ädä@example.org",
            "ada@exämple.org", "ada@example.org>", "ada@example.org SIZE=1", "a\u{0}@example.org",
            String(repeating: "a", count: 65) + "@example.org",
            "a@" + String(repeating: "long-label.", count: 25) + "org",
        ])
    func refused(_ text: String) {
        #expect(Mailbox(text) == nil)
    }

    @Test("the domain is written in lower case, the local part as it is")
    func lowercase() {
        #expect(Mailbox("Ada@EXAMPLE.org")?.address == "Ada@example.org")
        #expect(Mailbox("Ada@EXAMPLE.org")?.domain == "example.org")
    }

    @Test("an operator may write a name before it")
    func named() {
        #expect(Mailbox(text: "Parley <noreply@example.org>")?.name == "Parley")
        #expect(Mailbox(text: "\"Parley, Ltd\" <noreply@example.org>")?.name == "Parley, Ltd")
        #expect(Mailbox(text: " noreply@example.org ")?.address == "noreply@example.org")
        #expect(Mailbox(text: "<noreply@example.org>")?.name == nil)
        #expect(Mailbox(text: "Parley <noreply@example.org> x") == nil)
    }

    @Test(
        "a password is sent in clear to this machine only",
        arguments: [
            ("smtp://mail.example.org:587", SMTPSettings.TLS.none, false), ("smtp://127.0.0.1:25", .none, true),
            ("smtp://mail.example.org", .required, true), ("smtps://mail.example.org", .none, true),
        ])
    func clearPassword(_ url: String, _ tls: SMTPSettings.TLS, _ isTaken: Bool) {
        let account = SMTPSettings.Account(user: "parley", password: "open sesame")
        #expect(((try? SMTPSettings(url: url, tls: tls, account: account)) != nil) == isTaken)
    }

    @Test(
        "the URL of a mail server is a scheme, a host and a port",
        arguments: [
            "", "mail.example.org", "http://mail.example.org", "smtp://", "smtp://ada:secret@mail.example.org",
            "smtp://mail.example.org/path", "smtp://mail.example.org:0", "smtp://mail.example.org?x",
        ])
    func urls(_ url: String) {
        #expect(throws: SMTPSettings.Problem.url) { try SMTPSettings(url: url) }
    }

    @Test("ports are those of submission, unless the URL names one")
    func ports() throws {
        #expect(try SMTPSettings(url: "smtp://mail.example.org").port == 587)
        #expect(try SMTPSettings(url: "smtps://mail.example.org").port == 465)
        #expect(try SMTPSettings(url: "smtp://mail.example.org:2525").port == 2525)
    }
}
