import Foundation
import ParleyProtocol
import ServiceKit
import Testing

@testable import DirectoryService

@Suite("What may be set of an appointment")
struct AppointmentRulesTests {
    private func draft(_ change: (inout AppointmentDraft) -> Void = { _ in }) -> AppointmentDraft {
        var draft = AppointmentDraft(start: "2026-12-01T10:00", end: "2026-12-01T11:00", timeZone: "Europe/Berlin")
        change(&draft)
        return draft
    }

    /// `field reason` of everything that is refused.
    private func problems(_ draft: AppointmentDraft) -> [String] {
        do throws(ProblemError) {
            _ = try AppointmentContent(draft)
            return []
        } catch {
            return (error.fields ?? []).map { "\($0.field) \($0.reason.rawValue)" }
        }
    }

    @Test("what is left out has its usual value")
    func usual() throws {
        let content = try AppointmentContent(draft())
        #expect(content.title == nil)
        #expect(content.invitees.isEmpty)
        #expect(!content.includesPIN)
        #expect(content.language == .english)
        #expect(content.schedule.repetition == nil)
    }

    @Test("every bad field is named at once")
    func all() {
        let bad = AppointmentDraft(
            title: "a\u{0}b", start: "tomorrow", end: "", timeZone: "Mars/Olympus",
            recurrence: Recurrence(frequency: .daily, count: 1), invitees: ["nobody"], language: "tlh")
        #expect(
            problems(bad) == [
                "title bad_format", "start bad_format", "end missing", "timeZone bad_format", "recurrence too_short",
                "invitees bad_format", "language bad_format",
            ])
    }

    @Test("times that can't be are refused")
    func times() {
        #expect(problems(draft { $0.end = "2026-12-01T10:00" }) == ["end too_short"])
        #expect(problems(draft { $0.end = "2026-11-30T11:00" }) == ["end too_short"])
        #expect(problems(draft { $0.end = "2026-12-02T10:01" }) == ["end too_long"])
        #expect(problems(draft { $0.end = "2026-12-02T10:00" }).isEmpty)
        #expect(problems(draft { $0.start = "1999-12-31T10:00" }) == ["start not_allowed"])
        #expect(problems(draft { $0.end = "2100-01-01T10:00" }) == ["end not_allowed"])
        // The clocks leave these out.
        let spring = draft {
            $0.start = "2026-03-29T02:30"
            $0.end = "2026-03-29T04:00"
        }
        #expect(problems(spring) == ["start not_allowed"])
        let untilSpring = draft {
            $0.start = "2026-03-29T01:30"
            $0.end = "2026-03-29T02:30"
        }
        #expect(problems(untilSpring) == ["end not_allowed"])
    }

    @Test("24 hours are 24 hours of a clock that nobody changes")
    func longNight() {
        let autumn = draft {
            $0.start = "2026-10-24T12:00"
            $0.end = "2026-10-25T12:00"
        }
        #expect(problems(autumn) == ["end too_long"])
    }

    @Test("a series has an end that makes sense, or none")
    func series() {
        func with(_ recurrence: Recurrence) -> [String] { problems(draft { $0.recurrence = recurrence }) }
        #expect(with(Recurrence(frequency: .daily)).isEmpty)
        #expect(with(Recurrence(frequency: .daily, count: 730)).isEmpty)
        #expect(with(Recurrence(frequency: .daily, count: 731)) == ["recurrence too_long"])
        #expect(with(Recurrence(frequency: .daily, count: -1)) == ["recurrence too_short"])
        #expect(with(Recurrence(frequency: .daily, until: "2026-12-01", count: 2)) == ["recurrence not_allowed"])
        #expect(with(Recurrence(frequency: .daily, until: "2026-12-01")).isEmpty)
        #expect(with(Recurrence(frequency: .daily, until: "2026-11-30")) == ["recurrence too_short"])
        #expect(with(Recurrence(frequency: .daily, until: "30.11.2026")) == ["recurrence bad_format"])
        #expect(with(Recurrence(frequency: .daily, until: "2028-11-29")).isEmpty)
        #expect(with(Recurrence(frequency: .daily, until: "2028-11-30")) == ["recurrence too_long"])
        #expect(with(Recurrence(frequency: .monthly, until: "9999-12-31")) == ["recurrence too_long"])
    }

    @Test(
        "mail addresses are brought into one form",
        arguments: [
            (" Ada@Example.ORG ", "Ada@example.org"), ("ada.b+c_d'e@mail.example.org", "ada.b+c_d'e@mail.example.org"),
            ("ada@müller.example", "ada@xn--mller-kva.example"), ("ada@例え.テスト", "ada@xn--r8jz45g.xn--zckzah"),
            ("a@b.co", "a@b.co"),
        ])
    func addresses(text: String, wanted: String) throws {
        #expect(try MailAddress.normalized(text) == wanted)
    }

    @Test(
        "what is no mail address is refused",
        arguments: [
            "", "ada", "@example.org", "ada@", "ada@@example.org", "ada@example", "a b@example.org", "ada@exa mple.org",
            ".ada@example.org", "ada.@example.org", "a..b@example.org", "ada@example..org", "ada@-example.org",
            "ada@example.org.", "ada@.example.org", "\"ada\"@example.org", "Ada <ada@example.org>", "ada@[192.0.2.1]",
            "ada@192.0.2.1", "ada@example.org\r\nBcc: eve@example.org", "ada\n@example.org", "ada@exam\u{0}ple.org",
            "ada@example.org,eve@example.org", "ada@example.org;eve@example.org", "mailto:ada@example.org",
            "ädä@example.org", "ada@exa\u{202E}mple.org", "ada@müller/eve.example", "ada@mü:ller.example",
            "ada@müller.example?x", "ada@mü%0allr.example", "ada@xn--mller-kva_.example",
            "\(String(repeating: "a", count: 65))@example.org", "a@\(String(repeating: "b", count: 64)).example",
            "a@\(String(repeating: "bcd.", count: 70))org",
        ])
    func badAddresses(text: String) {
        #expect(throws: FieldRefusal.self) { try MailAddress.normalized(text) }
    }

    @Test("everybody is invited once, and only so many")
    func invitees() throws {
        let list = try MailAddress.list(["b@example.org", "A@example.org", " a@EXAMPLE.org", "b@example.org"])
        #expect(list == ["b@example.org", "A@example.org"])
        let many = (0..<Limits.invitees).map { "a\($0)@example.org" }
        #expect(try MailAddress.list(many + many).count == Limits.invitees)
        #expect(throws: FieldRefusal(.tooLong)) { try MailAddress.list(many + ["b@example.org"]) }
    }
}
