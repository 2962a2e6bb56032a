import Foundation
import ParleyProtocol
import Redis
import TestSupport
import Testing

@testable import SignalingService

@Suite("Seats in Redis", .timeLimit(.minutes(1)))
struct SeatStoreTests {
    @Test("of 200 people who come at once over two stores, exactly 50 get a seat, every time")
    func neverFiftyOne() async throws {
        try await withRedisClient(url: TestRedis().url) { second in
            for _ in 1...5 {
                try await SeatFixture.with { fixture in
                    let other = SeatStore(redis: second, rules: .forTests())
                    let outcomes = try await withThrowingTaskGroup(of: JoinOutcome.self) { group in
                        for number in 0..<200 {
                            let store = number.isMultiple(of: 2) ? fixture.store : other
                            group.addTask {
                                try await store.join(
                                    fixture.room, ticket: "ticket\(number)", entry: SeatFixture.entry("p\(number)"),
                                    meeting: MeetingID("m\(number)"), mediaNode: "")
                            }
                        }
                        return try await group.reduce(into: []) { $0.append($1) }
                    }
                    #expect(outcomes.filter { $0.grant != nil }.count == Limits.seats)
                    #expect(outcomes.filter(\.isFull).count == 200 - Limits.seats)
                    #expect(try await fixture.store.occupancy([fixture.room]) == [fixture.room: Limits.seats])
                    #expect(Set(outcomes.compactMap { $0.grant?.snapshot.meeting }).count == 1)
                    let fences = outcomes.compactMap { $0.grant?.fence }
                    #expect(Set(fences).count == Limits.seats)
                    #expect(try await fixture.log().map(\.seq) == Array(1...Limits.seats))
                }
            }
        }
    }

    @Test("the same join again, after a lost answer, finds the same seat and makes no event")
    func joinAgain() async throws {
        try await SeatFixture.with { fixture in
            let entry = SeatFixture.entry()
            let first = try await fixture.join(entry, ticket: "t1").grant
            let again = try await fixture.join(entry, ticket: "t1").grant
            #expect(first?.fence == again?.fence)
            #expect(again?.snapshot.participants.map(\.id) == [entry.participant.id])
            #expect(try await fixture.log().count == 1)
        }
    }

    @Test("the owner of a seat changes only so often, but the same call again is fine")
    func soon() async throws {
        try await SeatFixture.with(ownerPause: 2_000) { fixture in
            var entry = SeatFixture.entry("p", node: "n1")
            #expect(try await fixture.join(entry, ticket: "t").grant != nil)
            entry.attempt = 2
            guard case .soon = try await fixture.join(entry, ticket: "t") else { throw Unexpected("not refused") }
            try await Task.sleep(for: .milliseconds(2_100))
            #expect(try await fixture.join(entry, ticket: "t").grant != nil)
            let read = try #require(try await fixture.store.entry(fixture.room, entry.participant.id))
            entry.node = "n2"
            guard case .soon = try await fixture.store.takeOver(fixture.room, read: read, entry: entry) else {
                throw Unexpected("not refused")
            }
            try await Task.sleep(for: .milliseconds(2_100))
            for _ in 1...2 {
                #expect(try await fixture.store.takeOver(fixture.room, read: read, entry: entry).transfer != nil)
            }
        }
    }

    @Test("a join that was held back takes the seat from no later attempt of the same entering")
    func lateJoin() async throws {
        try await SeatFixture.with { fixture in
            let first = SeatFixture.entry("p", node: "n1")
            var second = SeatFixture.entry("p", node: "n2")
            second.attempt = 2
            second.resumeHash = "another"
            let fence = try await fixture.join(second, ticket: "t").grant?.fence
            #expect(try await fixture.join(first, ticket: "t").isLate)
            #expect(try await fixture.store.entry(fixture.room, second.participant.id)?.entry == second)
            // Also when it is its own attempt, that came twice, and whose seat has gone on since.
            let read = try #require(try await fixture.store.entry(fixture.room, second.participant.id))
            var resumed = second
            resumed.node = "n3"
            _ = try await fixture.store.takeOver(fixture.room, read: read, entry: resumed)
            #expect(try await fixture.join(second, ticket: "t").isLate)
            let kept = try await fixture.store.entry(fixture.room, second.participant.id)
            #expect(kept?.entry == resumed && (kept?.fence ?? 0) > (fence ?? 0))
            #expect(try await fixture.log().count == 2)
            var third = first
            third.attempt = 3
            #expect(try await fixture.join(third, ticket: "t").grant != nil)
            #expect(try await fixture.store.entry(fixture.room, second.participant.id)?.entry == third)
        }
    }

    @Test("a name that looks like an attempt is none")
    func nameLikeAnAttempt() async throws {
        try await SeatFixture.with { fixture in
            var first = SeatFixture.entry("p")
            first.participant.name = #""attempt":9,"attempt":9"#
            _ = try await fixture.join(first, ticket: "t")
            var second = first
            second.attempt = 2
            #expect(try await fixture.join(second, ticket: "t").grant != nil)
        }
    }

    @Test("a join in a full room is repeated by who has a seat, and a ticket that got no seat can be used later")
    func fullRoom() async throws {
        try await SeatFixture.with { fixture in
            let first = SeatFixture.entry("first")
            let grant = try await fixture.join(first, ticket: "first").grant
            for _ in 2...Limits.seats { _ = try await fixture.joined() }
            let late = SeatFixture.entry("late")
            #expect(try await fixture.join(late, ticket: "late").isFull)
            #expect(try await fixture.join(first, ticket: "first").grant?.fence == grant?.fence)
            _ = try await fixture.store.leave(
                fixture.room, first.participant.id, fence: grant?.fence ?? 0, reason: .left)
            #expect(try await fixture.join(late, ticket: "late").grant != nil)
        }
    }

    @Test("a ticket lets in one person only")
    func usedTicket() async throws {
        try await SeatFixture.with { fixture in
            let first = try await fixture.join(ticket: "t")
            #expect(first.grant != nil)
            #expect(try await fixture.join(ticket: "t").isTicketUsed)
            #expect(try await fixture.store.occupancy([fixture.room])[fixture.room] == 1)
        }
    }

    @Test("whoever has an old fence changes nothing")
    func staleFence() async throws {
        try await SeatFixture.with { fixture in
            var entry = SeatFixture.entry()
            let id = entry.participant.id
            let old = try await fixture.joined(entry).fence
            let read = try #require(try await fixture.store.entry(fixture.room, id))
            entry.node = "n2"
            entry.resumeHash = "another"
            let taken = try await fixture.store.takeOver(fixture.room, read: read, entry: entry).transfer
            let new = try #require(taken).fence
            #expect(new > old)
            let message = ChatDraft(from: id, name: "x", text: "x", at: .now)
            let store = fixture.store
            #expect(try await store.update(fixture.room, fence: old, entry: entry) == .notHeld(.stale))
            #expect(try await store.leave(fixture.room, id, fence: old, reason: .left) == .stale)
            #expect(try await store.send(message, key: nil, to: fixture.room, fence: old) == .notHeld(.stale))
            let renewed = try await store.renew(fixture.room, seats: [(id, old)])
            #expect(renewed.lost == [LostSeat(participant: id, reason: .superseded)])
            #expect(try await store.leave(fixture.room, id, fence: new, reason: .left) == .done)
            #expect(try await store.leave(fixture.room, id, fence: new, reason: .left) == .gone)
        }
    }

    @Test("a seat is taken over once by what was read, and the same call again is fine")
    func takeOver() async throws {
        try await SeatFixture.with { fixture in
            let entry = SeatFixture.entry()
            _ = try await fixture.joined(entry)
            let read = try #require(try await fixture.store.entry(fixture.room, entry.participant.id))
            #expect(read.entry.participant.name == entry.participant.name)
            var mine = read.entry
            mine.node = "n2"
            mine.resumeHash = "mine"
            var others = read.entry
            others.node = "n3"
            others.resumeHash = "others"
            let first = try await fixture.store.takeOver(fixture.room, read: read, entry: mine).transfer
            let again = try await fixture.store.takeOver(fixture.room, read: read, entry: mine).transfer
            #expect(first != nil && first?.fence == again?.fence)
            guard case .changed = try await fixture.store.takeOver(fixture.room, read: read, entry: others) else {
                throw Unexpected("taken over twice")
            }
            #expect(try await fixture.log().count == 2)
        }
    }

    @Test("a lease ends by the clock of Redis, and the room is told in the form of every other event")
    func expiry() async throws {
        try await SeatFixture.with(lease: 3_000) { fixture in
            let gone = SeatFixture.entry()
            let stays = SeatFixture.entry()
            _ = try await fixture.joined(gone)
            let fence = try await fixture.joined(stays).fence
            for _ in 1...7 {
                try await Task.sleep(for: .milliseconds(500))
                let seats = [(participant: stays.participant.id, fence: fence)]
                #expect(try await fixture.store.renew(fixture.room, seats: seats).lost.isEmpty)
            }
            #expect(try await fixture.store.occupancy([fixture.room])[fixture.room] == 1)
            let left = RoomEvent.left(.init(id: gone.participant.id, reason: .gone))
            let body = String(decoding: try left.encodedBody(), as: UTF8.self)
            #expect(try await fixture.log().last?.json == "{\"seq\":3," + body.dropFirst())
        }
    }

    @Test("occupancy does not count leases that are over, though nobody has removed them")
    func occupancyByTime() async throws {
        try await SeatFixture.with(lease: 1_500) { fixture in
            _ = try await fixture.joined()
            let empty = newRoom()
            #expect(try await fixture.store.occupancy([fixture.room, empty]) == [fixture.room: 1, empty: 0])
            try await Task.sleep(for: .milliseconds(1_600))
            #expect(try await fixture.store.occupancy([fixture.room]) == [fixture.room: 0])
        }
    }

    @Test("after the last seat is left a new meeting begins, and the chat is kept")
    func newMeeting() async throws {
        try await SeatFixture.with { fixture in
            let entry = SeatFixture.entry()
            let first = try await fixture.joined(entry, meeting: "one")
            #expect(try await fixture.store.pinMediaNode(fixture.room, known: "", proposed: "janus1") == "janus1")
            let message = ChatDraft(from: entry.participant.id, name: "x", text: "x", at: .now)
            _ = try await fixture.store.send(message, key: nil, to: fixture.room, fence: first.fence)
            let other = SeatFixture.entry()
            let second = try await fixture.joined(other, meeting: "two")
            #expect(second.snapshot.meeting == first.snapshot.meeting)
            #expect(second.snapshot.chat.map(\.text) == ["x"])
            for (participant, fence) in [(entry.participant.id, first.fence), (other.participant.id, second.fence)] {
                #expect(
                    try await fixture.store.leave(fixture.room, participant, fence: fence, reason: .left) == .done)
            }
            #expect(
                fixture.ended == [EndedMeeting(room: fixture.room, meeting: MeetingID("one"), mediaNode: "janus1")])
            let next = try await fixture.joined(meeting: "three")
            #expect(next.snapshot.meeting == MeetingID("three"))
            #expect(next.snapshot.chat.map(\.text) == ["x"])
            #expect(next.snapshot.mediaNode.isEmpty)
            #expect(next.fence > second.fence)
            #expect(next.snapshot.seq > second.snapshot.seq)
        }
    }

    @Test(
        "a meeting whose people have all vanished ends with the next call, whoever makes it, and they left with their leases"
    )
    func vanishedMeeting() async throws {
        try await SeatFixture.with(lease: 100) { fixture in
            _ = try await fixture.joined(SeatFixture.entry("ada"), meeting: "one")
            let end = try #require(
                try await fixture.redis.send("ZSCORE", .init(SeatKeys(fixture.room).seats), "ada").string.flatMap(
                    Double.init))
            try await Task.sleep(for: .milliseconds(150))
            #expect(try await fixture.joined(meeting: "two").snapshot.meeting == MeetingID("two"))
            #expect(fixture.ended.map(\.meeting) == [MeetingID("one")])
            #expect(fixture.expired == [ParticipantID("ada")])
            #expect(fixture.expiries.map(\.at) == [Date(timeIntervalSince1970: end / 1_000)])
            // So it stands in the list of attendance, too, though one answer told of the vanishing and of the end.
            var book = AttendanceBook(interval: .seconds(60))
            let person = AttendanceReport.Person(
                participant: ParticipantID("ada"), name: "Ada", account: nil, joinedAt: .now)
            book.entered(person, room: fixture.room, meeting: MeetingID("one"), startedAt: 1, now: .now)
            for notice in fixture.notices { book.note(notice, room: fixture.room, now: .now) }
            let report = try #require(book.due(at: .now, limit: 1).first?.reports.first)
            #expect(report.ended && report.left.map(\.at) == fixture.expiries.map(\.at))
        }
    }

    @Test("the first media node that is proposed wins")
    func pinning() async throws {
        try await SeatFixture.with { fixture in
            let nodes = try await withThrowingTaskGroup(of: String.self) { group in
                _ = try await fixture.joined()
                for number in 1...10 {
                    group.addTask {
                        try await fixture.store.pinMediaNode(fixture.room, known: "", proposed: "janus\(number)")
                    }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(nodes.count == 1)
            let grant = try await fixture.join(mediaNode: "late").grant
            #expect(grant?.snapshot.mediaNode == nodes.first)
            #expect(try await fixture.store.pinMediaNode(newRoom(), known: "", proposed: "janus1") == "")
        }
    }

    @Test("the log numbers what many do at once without gaps or doubles")
    func logWithoutGaps() async throws {
        try await SeatFixture.with { fixture in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        var entry = SeatFixture.entry("p\(number)")
                        let fence = try await fixture.joined(entry).fence
                        for _ in 1...5 {
                            entry.participant.state.microphone.toggle()
                            _ = try await fixture.store.update(fixture.room, fence: fence, entry: entry)
                            let message = ChatDraft(from: entry.participant.id, name: "x", text: "x", at: .now)
                            _ = try await fixture.store.send(message, key: nil, to: fixture.room, fence: fence)
                        }
                    }
                }
                try await group.waitForAll()
            }
            let log = try await fixture.log()
            #expect(log.map(\.seq) == Array(1...220))
            #expect(log.allSatisfy { $0.json.hasPrefix("{\"seq\":\($0.seq),") })
            #expect(try await fixture.store.snapshot(fixture.room).seq == 220)
        }
    }

    @Test("a message that is sent again is delivered once, and the chat keeps the last 200")
    func chat() async throws {
        try await SeatFixture.with { fixture in
            let entry = SeatFixture.entry()
            let id = entry.participant.id
            let fence = try await fixture.joined(entry).fence
            func send(_ text: String, key: String?) async throws -> ChatOutcome {
                let message = ChatDraft(from: id, name: "x", text: text, at: .now)
                return try await fixture.store.send(message, key: key, to: fixture.room, fence: fence)
            }
            #expect(try await send("first", key: "k1") == .sent(2))
            #expect(try await send("again", key: "k1") == .sent(2))
            #expect(try await send("second", key: "k2") == .sent(3))
            #expect(try await fixture.store.snapshot(fixture.room).chat.map(\.seq) == [2, 3])
            #expect(try await fixture.store.snapshot(fixture.room).chat.map(\.text) == ["first", "second"])
            for number in 1...Limits.chatHistory { _ = try await send("\(number)", key: nil) }
            let kept = try await fixture.store.snapshot(fixture.room).chat.map(\.text)
            #expect(kept == (1...Limits.chatHistory).map(String.init))
        }
    }

    @Test("the chat keeps its newest messages in bytes too, over meetings too")
    func chatBytes() async throws {
        try await SeatFixture.with { fixture in
            let entry = SeatFixture.entry()
            for meeting in ["one", "two"] {
                let fence = try await fixture.joined(entry, meeting: meeting).fence
                let text = String(repeating: "x", count: Limits.chatTextBytes)
                for number in 1...20 {
                    let message = ChatDraft(from: entry.participant.id, name: "\(number)", text: text, at: .now)
                    _ = try await fixture.store.send(message, key: nil, to: fixture.room, fence: fence)
                }
                let kept = try await fixture.store.snapshot(fixture.room).chat
                #expect(kept.map(\.name) == (9...20).map(String.init))
                let bytes = try kept.map { try WireJSON.encode($0).count }.reduce(0, +)
                #expect(bytes <= Limits.chatHistoryBytes)
                let left = try await fixture.store.leave(
                    fixture.room, entry.participant.id, fence: fence, reason: .left)
                #expect(left == .done)
            }
        }
    }

    @Test("a seat of which it is not known whether it was granted is given up whatever its fence is")
    func unknownFence() async throws {
        try await SeatFixture.with { fixture in
            let id = SeatFixture.entry().participant.id
            #expect(try await fixture.store.leave(fixture.room, id, fence: nil, reason: .gone) == .gone)
            let entry = SeatFixture.entry()
            _ = try await fixture.joined(entry)
            let left = try await fixture.store.leave(fixture.room, entry.participant.id, fence: nil, reason: .gone)
            #expect(left == .done)
            #expect(try await fixture.store.occupancy([fixture.room]) == [fixture.room: 0])
        }
    }

    @Test("a change that others do not see makes no event")
    func silentUpdate() async throws {
        try await SeatFixture.with { fixture in
            var entry = SeatFixture.entry()
            let fence = try await fixture.joined(entry).fence
            entry.previousResumeHash = "old"
            #expect(try await fixture.store.update(fixture.room, fence: fence, entry: entry, announced: false) == .done)
            #expect(try await fixture.log().count == 1)
            let stored = try await fixture.store.entry(fixture.room, entry.participant.id)
            #expect(stored?.entry.previousResumeHash == "old")
        }
    }

    @Test("an ended meeting frees all seats at once, and a deleted room takes nobody")
    func end() async throws {
        try await SeatFixture.with { fixture in
            _ = try await fixture.joined(meeting: "one")
            try await fixture.store.end(fixture.room, reason: .endedByModerator, closed: false)
            #expect(fixture.ended.map(\.meeting) == [MeetingID("one")])
            #expect(try await fixture.store.occupancy([fixture.room]) == [fixture.room: 0])
            #expect(try await fixture.joined(meeting: "two").snapshot.participants.count == 1)
            try await fixture.store.end(fixture.room, reason: .roomDeleted, closed: true)
            #expect(try await fixture.join().isClosed)
        }
    }
}
