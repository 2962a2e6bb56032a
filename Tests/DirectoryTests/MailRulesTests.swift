import Foundation
import Mail
import ServiceKit
import Testing

@testable import DirectoryService

@Suite("The rules of mail")
struct MailRulesTests {
    @Test("pauses double from a minute to six hours, and after three days it is enough")
    func pauses() {
        let pauses = (1...12).map { MailRetry.pause(attempts: $0, age: 0) }
        #expect(pauses.prefix(4) == [60, 120, 240, 480])
        #expect(pauses.suffix(3) == [21_600, 21_600, 21_600])
        #expect(MailRetry.pause(attempts: 1_000_000, age: 0) == 21_600)
        #expect(MailRetry.pause(attempts: 0, age: 0) == 60)
        let limit = 3 * 24 * 60 * 60
        #expect(MailRetry.pause(attempts: 20, age: limit - 1) == 21_600)
        #expect(MailRetry.pause(attempts: 1, age: limit) == nil)
    }

    @Test("no text of people becomes markup, and only the letter's own link can be clicked on")
    func html() {
        let link = "https://meet.example.org/r/room?a=1&b=2"
        let letter = Letter(
            subject: "</title><script>",
            text: "<img src=x onerror=alert(1)> & 'x' \"y\"\n\nhttps://evil.example\nLink: \(link)",
            link: link, language: .german)
        let html = LetterHTML.document(of: letter)
        #expect(!html.contains("<script") && !html.contains("<img"))
        #expect(html.contains("&lt;img src=x onerror=alert(1)&gt; &amp; &#39;x&#39; &quot;y&quot;"))
        #expect(html.contains("<html lang=\"de\">") && html.contains("<title>&lt;/title&gt;&lt;script&gt;</title>"))
        #expect(html.components(separatedBy: "<a ").count == 2)
        #expect(html.contains("Link: <a href=\"https://meet.example.org/r/room?a=1&amp;b=2\">"))
        #expect(!html.contains("src=\"") && !html.contains("<link") && !html.contains("url("))
    }

    @Test("a link that is none of the web is never clickable")
    func links() {
        let letter = Letter(
            subject: "s", text: "javascript:alert(1)", link: "javascript:alert(1)", language: .english)
        #expect(!LetterHTML.document(of: letter).contains("<a "))
    }

    @Test("a letter is read only with its key, for its mail and undamaged")
    func vault() throws {
        let (vault, id) = (LetterVault(secret: Harness.pinKey), UUID())
        let letter = OutboxHarness.letter("PIN: 482913")
        var sealed = try vault.seal(letter, mail: id)
        #expect(try vault.open(sealed, mail: id) == letter)
        #expect(!String(decoding: sealed, as: UTF8.self).contains("482913"))
        #expect(throws: PINVault.Problem.unreadable) { try vault.open(sealed, mail: UUID()) }
        let other = LetterVault(secret: [UInt8](repeating: 7, count: 32))
        #expect(throws: PINVault.Problem.unreadable) { try other.open(sealed, mail: id) }
        sealed[sealed.count - 1] ^= 1
        #expect(throws: PINVault.Problem.unreadable) { try vault.open(sealed, mail: id) }
    }

    @Test("the end of a room is told in both languages, with the day, the way to renew it, and when it is removed")
    func ages() {
        let end = Date(timeIntervalSince1970: 1_790_000_000)
        func letter(_ occasion: AgeLetter.Occasion, _ language: InvitationLanguage) -> Letter {
            AgeLetter(
                occasion: occasion, language: language, roomName: "Küche", end: end, link: "https://meet.example.org/"
            ).letter
        }
        for language in InvitationLanguage.allCases {
            for occasion in [AgeLetter.Occasion.warning, .expired(graceDays: 90), .expired(graceDays: nil)] {
                let letter = letter(occasion, language)
                #expect(letter.subject.contains("Küche") && letter.text.contains("2026"))
                #expect(LetterHTML.document(of: letter).contains("<a href=\"https://meet.example.org/\">"))
            }
        }
        #expect(letter(.warning, .german).text.contains("21. September 2026"))
        #expect(letter(.expired(graceDays: 90), .german).text.contains("nach 90 Tagen"))
        #expect(!letter(.expired(graceDays: nil), .english).text.contains("removed"))
    }

    @Test("without a mail server there is no mail; with one the rest is needed, and what is wrong is said")
    func settings() {
        func read(_ environment: [String: String]) -> (mail: MailSettings?, problems: [String]) {
            let settings = Settings(environment: environment)
            let mail = MailSettings.read(settings)
            do throws(SettingsError) {
                try settings.finish()
                return (mail, [])
            } catch {
                return (mail, error.problems)
            }
        }
        let none = read(["PARLEY_SMTP_URL": "", "PARLEY_SMTP_TLS": "required", "PARLEY_MAIL_FROM": ""])
        #expect(none.mail == nil && none.problems.isEmpty)
        let some = read(["PARLEY_SMTP_URL": "smtp://mail.example.org", "PARLEY_MAIL_FROM": "Parley <p@example.org>"])
        #expect(some.mail?.from.address == "p@example.org" && some.problems.isEmpty)
        let wrong = read([
            "PARLEY_SMTP_URL": "http://mail.example.org", "PARLEY_SMTP_USER": "parley", "PARLEY_SMTP_TLS": "maybe",
            "PARLEY_MAIL_FROM": "p@example.org\r\nBcc: q@example.org",
        ])
        for key in ["SMTP_URL", "SMTP_USER", "SMTP_TLS", "MAIL_FROM"] {
            #expect(wrong.problems.contains { $0.hasPrefix("PARLEY_\(key) is wrong") })
        }
        let clear = read([
            "PARLEY_SMTP_URL": "smtp://mail.example.org", "PARLEY_MAIL_FROM": "p@example.org",
            "PARLEY_SMTP_TLS": "none", "PARLEY_SMTP_USER": "parley", "PARLEY_SMTP_PASSWORD": "open sesame",
        ])
        #expect(clear.problems.count == 1 && clear.problems.first?.hasPrefix("PARLEY_SMTP_TLS is wrong") == true)
        #expect(read(["PARLEY_SMTP_URL": "smtp://mail.example.org"]).problems.count == 1)
    }
}
