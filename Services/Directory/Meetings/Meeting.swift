import Foundation
import ParleyProtocol
import ServiceKit

/// What signaling says of a meeting, made fit for the database.
struct MeetingNews: Sendable {
    struct Person: Sendable {
        var participant: ParticipantID
        var name: String
        var account: AccountID?
        /// Milliseconds since 1970.
        var joinedAt: Int
    }

    struct Leaving: Sendable {
        var participant: ParticipantID
        /// Milliseconds since 1970.
        var at: Int
    }

    let meeting: MeetingID
    let startedAt: Date
    /// Each participant once.
    let present: [Person]
    let left: [Leaving]
    let isOver: Bool

    /// - Throws: 400 for ids that can't be any.
    init(_ report: AttendanceReport) throws(ProblemError) {
        guard MeetingID(path: report.meeting.rawValue) != nil else { throw .validation([.init("meeting", .badFormat)]) }
        guard report.left.allSatisfy({ Self.isID($0.participant.rawValue) }) else {
            throw .validation([.init("left", .badFormat)])
        }
        var people: [ParticipantID: Person] = [:]
        for person in report.present {
            guard Self.isID(person.participant.rawValue), person.account.map({ $0.isUUID }) ?? true else {
                throw .validation([.init("present", .badFormat)])
            }
            people[person.participant] = Person(
                participant: person.participant, name: keptName(person.name), account: person.account,
                joinedAt: Self.milliseconds(person.joinedAt))
        }
        meeting = report.meeting
        startedAt = Date(timeIntervalSince1970: Double(Self.milliseconds(report.startedAt)) / 1_000)
        present = Array(people.values)
        left = report.left.map { Leaving(participant: $0.participant, at: Self.milliseconds($0.at)) }
        isOver = report.ended
    }

    fileprivate static func isID(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// Between 1970 and 2096, which every clock is.
    private static func milliseconds(_ date: Date) -> Int {
        Int(min(max(0, date.timeIntervalSince1970), 4e9) * 1_000)
    }
}

extension MeetingID {
    /// A meeting's id as it stands in a path; `nil` when it can't be any.
    init?(path: String) {
        guard MeetingNews.isID(path) else { return nil }
        self.init(path)
    }
}

/// A name as signaling tells it. One that breaks the rules for names is no reason to forget the person.
func keptName(_ name: String) -> String {
    (try? ReadableText.line(name, Limits.displayName)) ?? ""
}
