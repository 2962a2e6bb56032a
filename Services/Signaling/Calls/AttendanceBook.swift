import Foundation
import ParleyProtocol

/// Who of which meeting is inside at this node, and what of it directory has not been told yet. No I/O.
struct AttendanceBook: Sendable {
    typealias Person = AttendanceReport.Person

    /// What to tell of one meeting, in this order.
    struct Letter: Sendable {
        let room: RoomID
        let meeting: MeetingID
        let reports: [AttendanceReport]
        fileprivate let present: [ParticipantID]
        fileprivate let left: [ParticipantID]
        fileprivate let changes: Int
    }

    private struct Meeting {
        let room: RoomID
        var startedAt: Int
        /// Also those who have left before directory was told of them.
        var people: [ParticipantID: Person] = [:]
        /// To be told, and when it was.
        var left: [ParticipantID: Date] = [:]
        /// Those in `people` that directory knows of.
        var told: Set<ParticipantID> = []
        var isOver = false
        var changes = 0
        var due: ContinuousClock.Instant
        var failures = 0

        var isDone: Bool { people.isEmpty && left.isEmpty && !isOver }
        var hasNobody: Bool { people.keys.allSatisfy { left[$0] != nil } }

        /// After a failure the pause holds all the same.
        mutating func touch(_ now: ContinuousClock.Instant) {
            changes += 1
            if failures == 0 { due = min(due, now) }
        }
    }

    /// People who have left and could not be reported. Of those beyond, directory learns by hearing nothing of them.
    private static let mostLeft = 20_000
    /// Meetings that nobody is in any more and that could not be reported.
    private static let mostWaiting = 1_000
    /// Of the names in one report, in bytes, so that it fits into a request, however it is written.
    private static let mostBytes = 16 * 1_024
    private static let mostIDs = 500
    private static let longestPause = 30

    let interval: Duration
    private var meetings: [MeetingID: Meeting] = [:]
    private var running: [RoomID: MeetingID] = [:]
    private var leftCount = 0

    init(interval: Duration) {
        self.interval = interval
    }

    // MARK: What happens

    /// Somebody has a seat here, or goes by another name now.
    mutating func entered(
        _ person: Person, room: RoomID, meeting: MeetingID, startedAt: Int, now: ContinuousClock.Instant
    ) {
        guard !meeting.rawValue.isEmpty else { return }
        if let before = running[room], before != meeting {
            // Answers of Redis may come in another order than they were given.
            guard startedAt >= meetings[before]?.startedAt ?? 0 else { return }
            move(from: before, to: meeting, room: room, startedAt: startedAt, now)
        }
        running[room] = meeting
        var entry = meetings[meeting] ?? Meeting(room: room, startedAt: startedAt, due: now)
        entry.people[person.participant] = person
        if entry.left.removeValue(forKey: person.participant) != nil { leftCount -= 1 }
        entry.isOver = false
        entry.touch(now)
        meetings[meeting] = entry
    }

    /// The seat is free since `date`, as far as is known here for good.
    mutating func left(
        _ participant: ParticipantID, room: RoomID, at date: Date = .now, now: ContinuousClock.Instant
    ) {
        guard let meeting = running[room], var entry = meetings[meeting],
            entry.people[participant] != nil || entry.left[participant] == nil
        else { return }
        leave(participant, &entry, at: date)
        entry.touch(now)
        meetings[meeting] = entry
        removeWaiting()
    }

    /// Another node has the seat and reports it.
    mutating func moved(_ participant: ParticipantID, room: RoomID) {
        guard let meeting = running[room], let entry = meetings[meeting], entry.left[participant] == nil else { return }
        meetings[meeting]?.people[participant] = nil
        meetings[meeting]?.told.remove(participant)
        meetings[meeting]?.changes += 1
        if meetings[meeting]?.isDone == true { forget(meeting) }
    }

    mutating func ended(_ meeting: MeetingID, room: RoomID, now: ContinuousClock.Instant) {
        var entry = meetings[meeting] ?? Meeting(room: room, startedAt: 0, due: now)
        let date = Date.now
        for participant in entry.people.keys { leave(participant, &entry, at: date) }
        entry.isOver = true
        entry.touch(now)
        meetings[meeting] = entry
        removeWaiting()
    }

    /// Something was noticed in Redis. Whoever is still inside when a meeting ends has left at that moment.
    mutating func note(_ notice: SeatNotice, room: RoomID, now: ContinuousClock.Instant) {
        switch notice {
        case .meetingEnded(let ended): self.ended(ended.meeting, room: room, now: now)
        case .expired(let entry, let end): left(entry.participant.id, room: room, at: end, now: now)
        }
    }

    /// Whoever is in a meeting here is in another one from now on: Redis has lost its memory, and another node was first.
    private mutating func move(
        from before: MeetingID, to meeting: MeetingID, room: RoomID, startedAt: Int, _ now: ContinuousClock.Instant
    ) {
        guard var old = meetings[before] else { return }
        var new = meetings[meeting] ?? Meeting(room: room, startedAt: startedAt, due: now)
        let date = Date.now
        for (participant, person) in old.people where old.left[participant] == nil {
            new.people[participant] = person
            leave(participant, &old, at: date)
        }
        old.touch(now)
        new.touch(now)
        meetings[before] = old
        meetings[meeting] = new
        removeWaiting()
    }

    /// Who has left already has left then.
    private mutating func leave(_ participant: ParticipantID, _ entry: inout Meeting, at date: Date) {
        let isKnown = entry.told.remove(participant) != nil || entry.people[participant] == nil
        if isKnown { entry.people[participant] = nil }
        guard entry.left[participant] == nil else { return }
        guard leftCount < Self.mostLeft else {
            entry.people[participant] = nil
            return
        }
        entry.left[participant] = date
        leftCount += 1
    }

    private mutating func removeWaiting() {
        guard meetings.count > Self.mostWaiting else { return }
        let waiting = meetings.filter { $0.value.hasNobody }
        guard waiting.count > Self.mostWaiting,
            let oldest = waiting.min(by: { $0.value.startedAt < $1.value.startedAt })
        else { return }
        forget(oldest.key)
    }

    private mutating func forget(_ meeting: MeetingID) {
        guard let entry = meetings.removeValue(forKey: meeting) else { return }
        leftCount -= entry.left.count
        if running[entry.room] == meeting { running[entry.room] = nil }
    }

    // MARK: What is to be told

    /// What is due, the longest waiting first.
    func due(at now: ContinuousClock.Instant, limit: Int) -> [Letter] {
        meetings.filter { $0.value.due <= now }.sorted { $0.value.due < $1.value.due }.prefix(limit)
            .map { letter($0.key, $0.value) }
    }

    private func letter(_ id: MeetingID, _ entry: Meeting) -> Letter {
        let left = entry.left.map { AttendanceReport.Leaving(participant: $0.key, at: $0.value) }
        var groups = Self.groups(Array(entry.people.values))
        // Those who have left come after their names.
        var gone = stride(from: 0, to: left.count, by: Self.mostIDs).map {
            Array(left[$0..<min(left.count, $0 + Self.mostIDs)])
        }
        let last = groups.popLast() ?? []
        let first = gone.isEmpty ? [] : gone.removeFirst()
        let start = entry.startedAt > 0 ? Date(timeIntervalSince1970: Double(entry.startedAt) / 1_000) : Date.now
        func report(_ present: [Person], _ left: [AttendanceReport.Leaving], isLast: Bool) -> AttendanceReport {
            AttendanceReport(
                meeting: id, startedAt: start, present: present, left: left, ended: isLast && entry.isOver)
        }
        let reports =
            groups.map { report($0, [], isLast: false) } + [report(last, first, isLast: gone.isEmpty)]
            + gone.enumerated().map { report([], $0.element, isLast: $0.offset == gone.count - 1) }
        return Letter(
            room: entry.room, meeting: id, reports: reports, present: Array(entry.people.keys),
            left: Array(entry.left.keys), changes: entry.changes)
    }

    private static func groups(_ people: [Person]) -> [[Person]] {
        var groups: [[Person]] = []
        var bytes = mostBytes
        for person in people {
            bytes += person.name.utf8.count + 100
            if bytes > mostBytes || groups.isEmpty {
                groups.append([])
                bytes = person.name.utf8.count + 100
            }
            groups[groups.count - 1].append(person)
        }
        return groups
    }

    /// Directory has it.
    mutating func arrived(_ letter: Letter, now: ContinuousClock.Instant) {
        guard var entry = meetings[letter.meeting] else { return }
        for participant in letter.left where entry.left.removeValue(forKey: participant) != nil {
            leftCount -= 1
            entry.people[participant] = nil
        }
        for participant in letter.present where entry.people[participant] != nil {
            entry.told.insert(participant)
            // Left while the letter was on its way: the name is there now.
            if entry.left[participant] != nil { entry.people[participant] = nil }
        }
        entry.failures = 0
        let hasChanged = entry.changes != letter.changes
        if !hasChanged { entry.isOver = false }
        entry.due = hasChanged ? now : now + interval * Double.random(in: 0.8...1)
        meetings[letter.meeting] = entry
        if entry.isDone { forget(letter.meeting) }
    }

    /// It is tried again, with what is known then, after a pause that grows.
    mutating func failed(_ letter: Letter, now: ContinuousClock.Instant) {
        guard let failures = meetings[letter.meeting]?.failures else { return }
        let pause = min(Self.longestPause, 1 << min(failures, 5))
        meetings[letter.meeting]?.failures = failures + 1
        meetings[letter.meeting]?.due = now + .seconds(pause) * Double.random(in: 0.75...1.25)
    }
}
