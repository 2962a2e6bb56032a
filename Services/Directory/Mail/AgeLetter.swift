import Foundation
import ParleyProtocol

/// What the owner of a room is told of its end.
struct AgeLetter: Sendable {
    enum Occasion: Hashable, Sendable {
        case warning
        /// Absent for a room that is not removed.
        case expired(graceDays: Int?)
    }

    var occasion: Occasion
    var language: InvitationLanguage
    var roomName: String
    /// When it ends, or has ended.
    var end: Date
    /// Of the dashboard, where rooms are renewed.
    var link: String

    var letter: Letter {
        let day = InvitationWords.of(language).date(
            WallTime(secondsSince1970: Int(end.timeIntervalSince1970.rounded(.down))).day)
        let (subject, paragraphs) = language == .german ? german(day) : english(day)
        return Letter(
            subject: subject, text: paragraphs.joined(separator: "\n\n"), link: link, language: language)
    }

    private func english(_ day: String) -> (subject: String, paragraphs: [String]) {
        switch occasion {
        case .warning:
            (
                "Your room expires soon: \(roomName)",
                [
                    "Nobody has used your meeting room for a long time:\n\(roomName)",
                    "Its link stops working on \(day) (UTC). To keep it, use the room, or renew it in your list of rooms:"
                        + "\n\(link)",
                ]
            )
        case .expired(let graceDays):
            (
                "Your room has expired: \(roomName)",
                [
                    "The link of your meeting room does not work since \(day) (UTC), because nobody has used it for "
                        + "\(Limits.roomAgeDays) days:\n\(roomName)",
                    "If you need it, renew it in your list of rooms; it keeps its link and its settings:\n\(link)",
                ] + (graceDays.map { ["If nobody renews it, it is removed for good after \($0) days."] } ?? [])
            )
        }
    }

    private func german(_ day: String) -> (subject: String, paragraphs: [String]) {
        switch occasion {
        case .warning:
            (
                "Ihr Raum läuft bald ab: \(roomName)",
                [
                    "Ihr Besprechungsraum wurde lange nicht benutzt:\n\(roomName)",
                    "Sein Link ist ab \(day) (UTC) nicht mehr gültig. Um ihn zu behalten, benutzen Sie den Raum oder "
                        + "verlängern Sie ihn in der Liste Ihrer Räume:\n\(link)",
                ]
            )
        case .expired(let graceDays):
            (
                "Ihr Raum ist abgelaufen: \(roomName)",
                [
                    "Der Link Ihres Besprechungsraums ist seit \(day) (UTC) nicht mehr gültig, weil er "
                        + "\(Limits.roomAgeDays) Tage lang nicht benutzt wurde:\n\(roomName)",
                    "Wenn Sie ihn brauchen, verlängern Sie ihn in der Liste Ihrer Räume; Link und Einstellungen bleiben:"
                        + "\n\(link)",
                ]
                    + (graceDays.map { ["Verlängert ihn niemand, so wird er nach \($0) Tagen endgültig entfernt."] }
                        ?? [])
            )
        }
    }
}
