import ParleyProtocol

/// The words of an invitation in one language.
struct InvitationWords: Sendable {
    let invitation, change, cancellation: String
    let invited, changed, cancelled: String
    let invitedBy, changedBy, cancelledBy: @Sendable (String) -> String
    let link, help: String
    let time, timeZone, repeats: String
    /// Between the beginning and the end of a time, with its spaces.
    let to: String
    let frequencies: [Recurrence.Frequency: String]
    let until, times: @Sendable (String) -> String
    let date: @Sendable (CalendarDay) -> String

    static func of(_ language: InvitationLanguage) -> InvitationWords {
        switch language {
        case .english: english
        case .german: german
        }
    }

    func moment(_ time: WallTime) -> String { "\(date(time.day)), \(time.clock)" }

    func again(_ recurrence: Recurrence) -> String {
        let often = frequencies[recurrence.frequency] ?? recurrence.frequency.rawValue
        if let count = recurrence.count { return "\(often), \(times(String(count)))" }
        guard let day = recurrence.until.flatMap({ CalendarDay($0) }) else { return often }
        return "\(often), \(until(date(day)))"
    }

    private static func name(_ number: Int, of names: [String]) -> String {
        names.indices.contains(number - 1) ? names[number - 1] : String(number)
    }
}

extension InvitationWords {
    private static let english = InvitationWords(
        invitation: "Invitation", change: "Changed", cancellation: "Cancelled",
        invited: "You are invited to an online meeting.",
        changed: "An online meeting to which you are invited has changed.",
        cancelled: "An online meeting to which you were invited is cancelled.",
        invitedBy: { "\($0) invites you to an online meeting." },
        changedBy: { "\($0) has changed an online meeting to which you are invited." },
        cancelledBy: { "\($0) has cancelled an online meeting to which you were invited." },
        link: "Link", help: "Open the link in a browser. Nothing has to be installed, and no account is needed.",
        time: "Time", timeZone: "Time zone", repeats: "Repeats", to: " to ",
        frequencies: [.daily: "daily", .weekly: "weekly", .biweekly: "every two weeks", .monthly: "monthly"],
        until: { "until \($0)" }, times: { "\($0) times" },
        date: { day in
            "\(name(day.weekday, of: englishWeekdays)), \(day.day) \(name(day.month, of: englishMonths)) \(day.year)"
        })

    private static let englishWeekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    private static let englishMonths = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    private static let german = InvitationWords(
        invitation: "Einladung", change: "Geändert", cancellation: "Abgesagt",
        invited: "Sie sind zu einer Online-Besprechung eingeladen.",
        changed: "Eine Online-Besprechung, zu der Sie eingeladen sind, wurde geändert.",
        cancelled: "Eine Online-Besprechung, zu der Sie eingeladen waren, wurde abgesagt.",
        invitedBy: { "\($0) lädt Sie zu einer Online-Besprechung ein." },
        changedBy: { "\($0) hat eine Online-Besprechung geändert, zu der Sie eingeladen sind." },
        cancelledBy: { "\($0) hat eine Online-Besprechung abgesagt, zu der Sie eingeladen waren." },
        link: "Link",
        help: "Öffnen Sie den Link in einem Browser. Sie müssen nichts installieren und brauchen kein Konto.",
        time: "Zeit", timeZone: "Zeitzone", repeats: "Wiederholung", to: " bis ",
        frequencies: [.daily: "täglich", .weekly: "wöchentlich", .biweekly: "alle zwei Wochen", .monthly: "monatlich"],
        until: { "bis \($0)" }, times: { "\($0)-mal" },
        date: { day in
            "\(name(day.weekday, of: germanWeekdays)), \(day.day). \(name(day.month, of: germanMonths)) \(day.year)"
        })

    private static let germanWeekdays = [
        "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag",
    ]
    private static let germanMonths = [
        "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
        "Dezember",
    ]
}
