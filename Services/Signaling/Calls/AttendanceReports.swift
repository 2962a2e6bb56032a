import Foundation
import Logging
import ParleyProtocol
import ServiceKit
import ServiceLifecycle
import Synchronization

/// Tells directory who is inside at this node: soon after somebody came or went, and again and again, because directory takes
/// people of whom it hears nothing for gone. Nobody who enters or leaves waits for it.
final class AttendanceReports: Service {
    /// Calls at the same time.
    private static let width = 8
    /// Meetings at a time; more wait for the next.
    private static let round = 400

    private let client: ServiceClient
    private let pause: Duration
    private let logger: Logger
    private let book: Mutex<AttendanceBook>
    private let failures = Mutex(0)

    /// - Parameters:
    ///   - interval: Each meeting is reported at least so often.
    ///   - pause: What happens within it becomes one report.
    init(
        client: ServiceClient, interval: Duration = .seconds(Limits.attendanceReport),
        pause: Duration = .milliseconds(500), logger: Logger
    ) {
        self.client = client
        self.pause = pause
        self.logger = logger
        book = Mutex(AttendanceBook(interval: interval))
    }

    // MARK: What happens

    /// Somebody has a seat here, or goes by another name now.
    func entered(_ entry: SeatEntry, room: RoomID, meeting: MeetingID, startedAt: Int) {
        let person = AttendanceReport.Person(
            participant: entry.participant.id, name: entry.participant.name, account: entry.account,
            joinedAt: Date(timeIntervalSince1970: Double(entry.joinedAt) / 1_000))
        book.withLock { $0.entered(person, room: room, meeting: meeting, startedAt: startedAt, now: .now) }
    }

    /// - Parameter date: when the seat was given up, or its lease ended.
    func left(_ participant: ParticipantID, room: RoomID, at date: Date) {
        book.withLock { $0.left(participant, room: room, at: date, now: .now) }
    }

    /// Another node has the seat and reports it.
    func moved(_ participant: ParticipantID, room: RoomID) {
        book.withLock { $0.moved(participant, room: room) }
    }

    /// What is noticed in Redis may concern other nodes that can't report it any more.
    func note(_ notice: SeatNotice, in room: RoomID) {
        book.withLock { $0.note(notice, room: room, now: .now) }
    }

    // MARK: Telling

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: self.pause)
                if !Task.isCancelled { await self.tell() }
            }
        }
        // Whoever left last, also where the call was cut off just now.
        await tell(ahead: book.withLock { $0.interval })
    }

    /// - Parameter ahead: also what is due so much later.
    private func tell(ahead: Duration = .zero) async {
        var letters = book.withLock { $0.due(at: .now + ahead, limit: Self.round) }[...]
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<Self.width {
                if let letter = letters.popFirst() { group.addTask { await self.send(letter) } }
            }
            while let isThere = await group.next() {
                // The others come to a directory that is away no better. They stay due.
                if !isThere { letters.removeAll() }
                if let letter = letters.popFirst() { group.addTask { await self.send(letter) } }
            }
        }
    }

    /// - Returns: Whether directory answers.
    private func send(_ letter: AttendanceBook.Letter) async -> Bool {
        do {
            for report in letter.reports { try await client.post("/internal/rooms/\(letter.room)/attendance", report) }
            book.withLock { $0.arrived(letter, now: .now) }
            failures.withLock { $0 = 0 }
            return true
        } catch {
            if error.isFinal {
                // The room was deleted, as a rule. The same again would not be taken either.
                book.withLock { $0.arrived(letter, now: .now) }
            } else {
                book.withLock { $0.failed(letter, now: .now) }
            }
            warn(error, letter.room)
            return !error.isUnreachable
        }
    }

    /// A directory that is away fails all meetings, again and again: once in a while is enough.
    private func warn(_ error: ServiceCallError, _ room: RoomID) {
        guard error.status != 404 else { return }
        let count = failures.withLock { failures in
            failures += 1
            return failures
        }
        guard count == 1 || count.isMultiple(of: 100) else { return }
        logger.warning(
            "Directory was not told who is inside",
            metadata: ["room": "\(room)", "failures": "\(count)", "error": "\(error)"])
    }
}

extension RoomHub {
    /// - Parameter date: when Redis has confirmed it, that of giving up. Who has vanished here may be served by another node.
    func reportGone(_ participant: ParticipantID, freeSince date: Date?) {
        guard seats[participant] == nil else { return }
        if let date {
            services.directory.left(participant, room: room, at: date)
        } else {
            services.directory.moved(participant, room: room)
        }
    }
}
