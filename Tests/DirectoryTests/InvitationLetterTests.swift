import ParleyProtocol
import Testing

@testable import DirectoryService

@Suite("The text of an invitation")
struct InvitationLetterTests {
    private func letter(_ change: (inout InvitationLetter) -> Void = { _ in }) throws -> InvitationLetter {
        var letter = InvitationLetter(
            language: .english, title: "Weekly", description: "All\nof us", link: "https://meet.example/r/weekly")
        change(&letter)
        return letter
    }

    private func time(_ recurrence: Recurrence? = nil) throws -> InvitationLetter.Time {
        InvitationLetter.Time(
            start: try #require(WallTime("2026-12-01T09:05")), end: try #require(WallTime("2026-12-01T10:00")),
            timeZone: "Europe/Berlin", recurrence: recurrence)
    }

    @Test("in English, without an appointment")
    func english() throws {
        let letter = try letter()
        #expect(letter.subject == "Invitation: Weekly")
        #expect(
            letter.text == """
                You are invited to an online meeting.

                Weekly

                All
                of us

                Link: https://meet.example/r/weekly

                Open the link in a browser. Nothing has to be installed, and no account is needed.
                """)
    }

    @Test("in German, with everything")
    func german() throws {
        let recurrence = Recurrence(frequency: .biweekly, until: "2027-03-31")
        let time = try time(recurrence)
        let letter = try letter {
            $0.language = .german
            $0.inviter = "Ada Lovelace"
            $0.pin = "0042"
            $0.time = time
        }
        #expect(letter.subject == "Einladung: Weekly")
        #expect(
            letter.text == """
                Ada Lovelace lädt Sie zu einer Online-Besprechung ein.

                Weekly
                Zeit: Dienstag, 1. Dezember 2026, 09:05 bis 10:00
                Zeitzone: Europe/Berlin
                Wiederholung: alle zwei Wochen, bis Mittwoch, 31. März 2027

                All
                of us

                Link: https://meet.example/r/weekly
                PIN: 0042

                Öffnen Sie den Link in einem Browser. Sie müssen nichts installieren und brauchen kein Konto.
                """)
    }

    @Test("an appointment that ends on another day says which")
    func overNight() throws {
        var time = try time(Recurrence(frequency: .daily, count: 5))
        time.end = try #require(WallTime("2026-12-02T00:30"))
        let letter = try letter { $0.time = time }
        #expect(letter.text.contains("Time: Tuesday, 1 December 2026, 09:05 to Wednesday, 2 December 2026, 00:30\n"))
        #expect(letter.text.contains("Repeats: daily, 5 times\n"))
    }

    @Test("a cancellation invites nobody", arguments: InvitationLanguage.allCases)
    func cancellation(language: InvitationLanguage) throws {
        let letter = try letter {
            $0.language = language
            $0.occasion = .cancellation
            $0.pin = "0042"
        }
        #expect(!letter.text.contains("https://"))
        #expect(!letter.text.contains("0042"))
    }
}
