import ParleyProtocol

/// Languages in which people are invited.
enum InvitationLanguage: String, CaseIterable, Sendable {
    case english = "en"
    case german = "de"
}

/// What somebody who is invited reads: in a mail, in a calendar or from the clipboard.
///
/// Plain text. It says nothing that was not given to it: without `pin` there is none in it.
struct InvitationLetter: Hashable, Sendable {
    enum Occasion: Hashable, Sendable {
        case invitation, change, cancellation
    }

    /// When people meet, in the wall-clock time of the appointment.
    struct Time: Hashable, Sendable {
        var start: WallTime
        var end: WallTime
        /// An IANA name.
        var timeZone: String
        var recurrence: Recurrence?
    }

    var language: InvitationLanguage
    var occasion: Occasion = .invitation
    /// Of the room, or of the appointment.
    var title: String
    var description: String = ""
    /// Who invites; nothing where the letter is for the person's own use.
    var inviter: String?
    var link: String
    var pin: String?
    var time: Time?

    var subject: String {
        let words = words
        return switch occasion {
        case .invitation: "\(words.invitation): \(title)"
        case .change: "\(words.change): \(title)"
        case .cancellation: "\(words.cancellation): \(title)"
        }
    }

    /// Lines end with LF; the last one has none.
    var text: String {
        let words = words
        var paragraphs = [greeting(words), [title] + (time.map { when($0, words) } ?? [])]
        if occasion != .cancellation {
            if !description.isEmpty { paragraphs.append([description]) }
            var access = ["\(words.link): \(link)"]
            if let pin { access.append("PIN: \(pin)") }
            paragraphs += [access, [words.help]]
        }
        return paragraphs.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    // MARK: Parts

    private var words: InvitationWords { InvitationWords.of(language) }

    private func greeting(_ words: InvitationWords) -> [String] {
        switch occasion {
        case .invitation: [inviter.map { words.invitedBy($0) } ?? words.invited]
        case .change: [inviter.map { words.changedBy($0) } ?? words.changed]
        case .cancellation: [inviter.map { words.cancelledBy($0) } ?? words.cancelled]
        }
    }

    private func when(_ time: Time, _ words: InvitationWords) -> [String] {
        let end = time.end.day == time.start.day ? time.end.clock : words.moment(time.end)
        var lines = [
            "\(words.time): \(words.moment(time.start))\(words.to)\(end)", "\(words.timeZone): \(time.timeZone)",
        ]
        if let recurrence = time.recurrence { lines.append("\(words.repeats): \(words.again(recurrence))") }
        return lines
    }
}
