import Foundation
import ParleyProtocol
import Testing

@testable import SignalingService

@Suite("Who is inside, until directory knows it")
struct AttendanceBookTests {
    private let room = RoomID("room")
    private let now = ContinuousClock.now
    private let meeting = MeetingID("meeting")

    private func book(_ people: String...) -> AttendanceBook {
        var book = AttendanceBook(interval: .seconds(60))
        for name in people { enter(&book, name) }
        return book
    }

    private func enter(_ book: inout AttendanceBook, _ name: String, _ meeting: MeetingID? = nil, startedAt: Int = 1) {
        let person = AttendanceReport.Person(
            participant: ParticipantID(name), name: name, account: nil, joinedAt: Date(timeIntervalSince1970: 0))
        book.entered(person, room: room, meeting: meeting ?? self.meeting, startedAt: startedAt, now: now)
    }

    /// Everything that is due, told.
    private func tell(_ book: inout AttendanceBook, at time: ContinuousClock.Instant) -> [String] {
        let letters = book.due(at: time, limit: 1_000)
        for letter in letters { book.arrived(letter, now: time) }
        return letters.flatMap(\.reports).map(text).sorted()
    }

    private func text(_ report: AttendanceReport) -> String {
        let present = report.present.map(\.name).sorted().joined(separator: " ")
        let left = report.left.map(\.participant.rawValue).sorted().joined(separator: " ")
        return "\(report.meeting): \(present) -\(left)\(report.ended ? " ended" : "")"
    }

    @Test("what happens together is one report, and the next comes after a change or the interval")
    func coalescing() {
        var book = book("ada", "grace")
        #expect(tell(&book, at: now) == ["meeting: ada grace -"])
        #expect(tell(&book, at: now + .seconds(40)) == [])
        #expect(tell(&book, at: now + .seconds(60)) == ["meeting: ada grace -"])
        book.left(ParticipantID("ada"), room: room, now: now + .seconds(61))
        #expect(tell(&book, at: now + .seconds(61)) == ["meeting: grace -ada"])
        #expect(tell(&book, at: now + .seconds(121)) == ["meeting: grace -"])
    }

    @Test("nothing is told of a meeting that is over here")
    func end() {
        var book = book("ada")
        #expect(tell(&book, at: now) == ["meeting: ada -"])
        book.ended(meeting, room: room, now: now)
        book.left(ParticipantID("ada"), room: room, now: now)
        #expect(tell(&book, at: now) == ["meeting:  -ada ended"])
        #expect(tell(&book, at: now + .seconds(600)) == [])
        // Nor of one that was never here, but for its end.
        book.ended(MeetingID("other"), room: RoomID("other"), now: now)
        #expect(tell(&book, at: now) == ["other:  - ended"])
        #expect(tell(&book, at: now + .seconds(600)) == [])
    }

    @Test("who has left before directory was told of them is told of with the name")
    func shortVisit() {
        var book = book("ada")
        book.left(ParticipantID("ada"), room: room, now: now)
        #expect(tell(&book, at: now) == ["meeting: ada -ada"])
        #expect(tell(&book, at: now + .seconds(600)) == [])
    }

    @Test(
        "the time of leaving is that at which the seat was left, however late it is told, and however often it is heard of"
    )
    func timeOfLeaving() throws {
        var book = book("ada", "grace")
        let (end, over) = (Date(timeIntervalSince1970: 50), Date(timeIntervalSince1970: 70))
        book.left(ParticipantID("ada"), room: room, at: end, now: now)
        book.left(ParticipantID("ada"), room: room, at: over, now: now)
        let first = try #require(book.due(at: now, limit: 1).first)
        book.failed(first, now: now)
        book.ended(meeting, room: room, now: now)
        let later = try #require(book.due(at: now + .seconds(60), limit: 1).first)
        let left = later.reports.flatMap(\.left)
        #expect(left.first { $0.participant == ParticipantID("ada") }?.at == end)
        #expect(left.count == 2 && left.allSatisfy { $0.at <= .now })
        // Who comes back and leaves again has left at the later time.
        enter(&book, "ada")
        book.left(ParticipantID("ada"), room: room, at: over, now: now)
        let again = try #require(book.due(at: now + .seconds(60), limit: 1).first)
        #expect(again.reports.flatMap(\.left).first { $0.participant == ParticipantID("ada") }?.at == over)
    }

    @Test("what happens while a report is on its way is in the next one")
    func inFlight() throws {
        var book = book("ada", "eve")
        let letter = try #require(book.due(at: now, limit: 1).first)
        book.left(ParticipantID("ada"), room: room, now: now)
        enter(&book, "grace")
        book.moved(ParticipantID("eve"), room: room)
        book.arrived(letter, now: now)
        #expect(tell(&book, at: now) == ["meeting: grace -ada"])
    }

    @Test("after a failure nothing is forgotten, and the pauses grow")
    func failures() throws {
        var book = book("ada")
        var time = now
        var pauses: [Duration] = []
        for _ in 1...8 {
            let letter = try #require(book.due(at: time, limit: 1).first)
            book.failed(letter, now: time)
            enter(&book, "grace")
            let start = time
            while book.due(at: time, limit: 1).isEmpty { time += .milliseconds(100) }
            pauses.append(time - start)
        }
        book.left(ParticipantID("ada"), room: room, now: time)
        #expect(tell(&book, at: time) == ["meeting: ada grace -ada"])
        #expect(try #require(pauses.first) < .seconds(2))
        #expect(try #require(pauses.last) > .seconds(20) && pauses.allSatisfy { $0 < .seconds(40) })
    }

    @Test("when another meeting takes the place of one, its people are in that")
    func otherMeeting() {
        var book = book("ada")
        _ = tell(&book, at: now)
        enter(&book, "grace", MeetingID("next"), startedAt: 2)
        #expect(tell(&book, at: now) == ["meeting:  -ada", "next: ada grace -"])
        // A late answer about the former one changes nothing.
        enter(&book, "eve", meeting, startedAt: 1)
        #expect(tell(&book, at: now) == [])
    }

    @Test("many people, and long names, come in reports that a request has room for")
    func size() throws {
        var book = AttendanceBook(interval: .seconds(60))
        let long = String(repeating: "👩🏽‍🚀", count: 60)
        for number in 0..<Limits.seats {
            let person = AttendanceReport.Person(
                participant: ParticipantID("participant\(number)"), name: long, account: AccountID(UUID().uuidString),
                joinedAt: .now)
            book.entered(person, room: room, meeting: meeting, startedAt: 1, now: now)
        }
        for number in 0..<3_000 { book.left(ParticipantID("gone-person\(number)"), room: room, now: now) }
        let reports = try #require(book.due(at: now, limit: 1).first).reports
        for report in reports { #expect(try WireJSON.encode(report).count < Limits.requestBody) }
        #expect(reports.flatMap(\.present).count == Limits.seats && reports.flatMap(\.left).count == 3_000)
        // Nobody's leaving comes before the name.
        let firstLeft = try #require(reports.firstIndex { !$0.left.isEmpty })
        #expect(reports.dropFirst(firstLeft + 1).allSatisfy { $0.present.isEmpty })
    }

    @Test("while directory is away, what is remembered has a bound")
    func bound() {
        var book = AttendanceBook(interval: .seconds(60))
        for number in 0..<1_200 {
            let (room, meeting) = (RoomID("room\(number)"), MeetingID("meeting\(number)"))
            for name in 0..<30 {
                let person = AttendanceReport.Person(
                    participant: ParticipantID("\(name)"), name: "x", account: nil, joinedAt: .now)
                book.entered(person, room: room, meeting: meeting, startedAt: number, now: now)
            }
            book.ended(meeting, room: room, now: now)
        }
        let letters = book.due(at: now, limit: .max)
        #expect(letters.count <= 1_001)
        #expect(letters.flatMap(\.reports).map(\.left.count).reduce(0, +) <= 20_000)
        // Space is free again afterwards.
        for letter in letters { book.arrived(letter, now: now) }
        enter(&book, "ada")
        book.left(ParticipantID("ada"), room: room, now: now)
        #expect(tell(&book, at: now) == ["meeting: ada -ada"])
    }
}
