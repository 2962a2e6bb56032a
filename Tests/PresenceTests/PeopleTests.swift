import Foundation
import ParleyProtocol
import Postgres
import Redis
import TestSupport
import Testing

@testable import PresenceService

@Suite("Everybody's presence, in Redis and PostgreSQL", .timeLimit(.minutes(2)))
struct PeopleTests {
    @Test("somebody is busy until the last of their meetings ends, and then what they were before")
    func meetings() async throws {
        try await PeopleBench.run { bench in
            let (one, two) = (Sample.participant(), Sample.participant())
            try await bench.people.change(bench.person, [.device("laptop", isActive: true)])
            #expect(try await bench.seen().state == .available)
            try await bench.people.change(bench.person, [.meeting(one)])
            try await bench.people.change(bench.person, [.meeting(two)])
            #expect(try await bench.seen() == .inMeeting)
            try await bench.people.change(bench.person, [.meetingEnded(one)])
            try await bench.people.change(bench.person, [.meetingEnded(one)])
            #expect(try await bench.seen() == .inMeeting)
            try await bench.people.change(bench.person, [.meetingEnded(two)])
            #expect(try await bench.seen().state == .available)
        }
    }

    @Test("what nobody renews ends by itself, and others see it")
    func leases() async throws {
        try await PeopleBench.run(lease: .milliseconds(300)) { bench in
            try await bench.people.change(bench.person, [.meeting(Sample.participant())])
            #expect(try await bench.seen() == .inMeeting)
            try await eventually("the end of the lease") {
                try await bench.people.settleEnds()
                let seen = try await bench.seen()
                return seen == .hidden ? nil : "\(seen)"
            }
            // Nothing ends there any more, and nobody says anything: nobody looks.
            let meta = RedisArgument(bench.people.store.key(bench.person.organization, "meta"))
            try await bench.client.send("HSET", meta, "stirred", "1")
            try await eventually("no look") {
                try await bench.people.settleEnds()
                let looked = try await bench.client.send(
                    "EXISTS", RedisArgument("\(bench.redis.prefix)p:organizations"))
                return looked.int == 0 ? nil : "still looked at"
            }
        }
    }

    @Test("what was set by hand is kept, ends at its time, and outlives a Redis that has lost its memory")
    func byHand() async throws {
        try await PeopleBench.run { bench in
            let other = PersonKey(organization: bench.person.organization, account: Sample.account())
            try await bench.people.set(ManualPresence(state: .doNotDisturb, text: "Writing"), of: bench.person)
            try await bench.people.set(ManualPresence(state: .busy, until: .now + 1), of: other)
            #expect(try await bench.seen() == SeenPresence(state: .doNotDisturb, text: "Writing"))
            try await bench.loseMemory()
            #expect(try await bench.seen() == SeenPresence(state: .doNotDisturb, text: "Writing"))
            try await eventually("the end") {
                try await bench.people.settleEnds()
                let seen = try await bench.seen(other)
                return seen == .hidden ? nil : "\(seen)"
            }
        }
    }

    @Test("each change has the next number, and whoever missed some gets them, or nothing when they can't be told")
    func changes() async throws {
        try await PeopleBench.run { bench in
            let start = try await bench.people.snapshot(of: bench.person.organization)
            #expect(start.seq == 0 && start.views.isEmpty)
            for isActive in [true, true, false] {
                try await bench.people.change(bench.person, [.device("phone", isActive: isActive)])
            }
            let changes = try #require(
                try await bench.people.store.changes(of: bench.person.organization, epoch: start.epoch, after: 0))
            let states = try changes.map {
                try WireJSON.decoder.decode(PresenceView.self, from: Data($0.view)).state
            }
            #expect(
                changes.map(\.seq) == [1, 2] && states == [.available, .inactive], "what changes nothing is not told")
            for (epoch, seq) in [("another", 0), (start.epoch, 3)] {
                let none = try await bench.people.store.changes(
                    of: bench.person.organization, epoch: epoch, after: seq)
                #expect(none == nil)
            }
        }
    }

    @Test("what Redis could not be told when it was set is told later")
    func pending() async throws {
        try await PeopleBench.run { bench in
            try await bench.people.change(bench.person, [.device("laptop", isActive: true)])
            // As a process leaves it that ends right after PostgreSQL has answered.
            _ = try await bench.people.settings.set(ManualPresence(state: .absent), of: bench.person)
            #expect(try await bench.seen().state == .available)
            try await eventually("the news") {
                try await bench.people.publishPending()
                let seen = try await bench.seen()
                return seen.state == .absent ? nil : "\(seen)"
            }
            #expect(try await bench.people.settings.unpublished().isEmpty)
        }
    }

    @Test("an older version of what was set never replaces a newer one")
    func versions() async throws {
        try await PeopleBench.run { bench in
            let old = try #require(
                try await bench.people.settings.set(ManualPresence(state: .absent), of: bench.person))
            try await bench.people.set(ManualPresence(state: .busy), of: bench.person)
            try await bench.people.change(bench.person, [.settings(old)])
            #expect(try await bench.seen().state == .busy)
            // What a double can't tell apart, and what is ordered otherwise as text.
            for older in [9, 1 << 53, Int64.max - 1] {
                let person = PersonKey(organization: bench.person.organization, account: Sample.account())
                let news = PersonSettings(version: older + 1, manual: ManualPresence(state: .busy))
                try await bench.people.change(person, [.settings(news)])
                let late = PersonSettings(version: older, manual: ManualPresence(state: .absent))
                try await bench.people.change(person, [.settings(late)])
                #expect(try await bench.seen(person).state == .busy, "\(older)")
                let newer = PersonSettings(version: older + 1, manual: ManualPresence(state: .doNotDisturb))
                try await bench.people.change(person, [.settings(late), .settings(newer)])
                #expect(try await bench.seen(person).state == .doNotDisturb, "\(older)")
            }
        }
    }

    @Test("what was noted by a process that ended before others saw it is seen all the same")
    func halfDone() async throws {
        try await PeopleBench.run { bench in
            let meeting = Sample.participant()
            try await bench.people.change(bench.person, [.meeting(meeting), .device("laptop", isActive: true)])
            for changes in [[PersonChange.meetingEnded(meeting)], [.deviceGone("laptop")]] {
                let before = try await bench.seen()
                _ = try await bench.people.store.change(bench.person, changes)
                #expect(try await bench.seen() == before)
                try await eventually("the end") {
                    try await bench.people.settleEnds()
                    return try await bench.seen() == before ? "it is still seen" : nil
                }
            }
            #expect(try await bench.seen() == .hidden)
        }
    }

    @Test("what was set is seen even if who began the organization anew died before others were told")
    func halfBegun() async throws {
        try await PeopleBench.run { bench in
            let settings = try #require(
                try await bench.people.settings.set(ManualPresence(state: .absent), of: bench.person))
            try await bench.people.store.watch(bench.person.organization)
            _ = try await bench.people.store.change(bench.person, [.settings(settings)])
            try await bench.people.store.begin(bench.person.organization)
            try await eventually("the state") {
                try await bench.people.settleEnds()
                let seen = try await bench.seen()
                return seen.state == .absent ? nil : "\(seen)"
            }
        }
    }

    @Test("as long as Redis has settings that can't be read, what was set stays to be told")
    func unreadable() async throws {
        try await PeopleBench.run { bench in
            let settings = bench.people.settings
            try await bench.people.change(bench.person, [.device("laptop", isActive: true)])
            _ = try #require(try await settings.set(ManualPresence(state: .absent), of: bench.person))
            // A newer release has told Redis of settings that this one can't read.
            let key = RedisArgument(
                bench.people.store.key(bench.person.organization, "person:\(bench.person.account)"))
            try await bench.client.send("HSET", key, "settings", "99 {\"manual\":{\"state\":\"on_the_moon\"}}")
            await #expect(throws: RedisError.self) { try await bench.people.republish(bench.person) }
            try await settings.pool.execute("update person set updated_at = now() - interval '1 minute'")
            #expect(try await settings.unpublished().map(\.person) == [bench.person])
        }
    }

    @Test("an end that comes between looking and telling is seen")
    func endMeanwhile() async throws {
        try await PeopleBench.run { bench in
            try await bench.people.set(
                ManualPresence(state: .absent, text: "Away", until: .now + 0.5), of: bench.person)
            let found = try await bench.people.store.change(bench.person, [.meeting(Sample.participant())])
            #expect(found.seen.text == "Away")
            // By the clock of Redis.
            try await eventually("the time") {
                try await bench.people.store.change(bench.person, []).isOver ? nil : "it is not over"
            }
            guard case .other(let newer) = try await bench.people.store.settle(bench.person, found) else {
                Issue.record("an old view was told")
                return
            }
            #expect(newer.seen == .inMeeting)
            // Whoever got that answer may have died.
            try await eventually("the end") {
                try await bench.people.settleEnds()
                let seen = try await bench.seen()
                return seen == .inMeeting ? nil : "\(seen)"
            }
        }
    }

    @Test("a Redis that runs again with older data begins anew with what PostgreSQL holds")
    func olderData() async throws {
        try await PeopleBench.run { bench in
            try await bench.people.set(ManualPresence(state: .busy), of: bench.person)
            let before = try await bench.people.snapshot(of: bench.person.organization)
            // As a replica that was behind, or a file that lacks the last second.
            let old = try #require(
                try await bench.people.settings.set(ManualPresence(state: .invisible), of: bench.person))
            try await bench.people.settings.notePublished(bench.person, version: old.version)
            let meta = RedisArgument(bench.people.store.key(bench.person.organization, "meta"))
            try await bench.client.send("HSET", meta, "run", "0123456789abcdef")
            #expect(try await bench.seen() == .hidden)
            let after = try await bench.people.snapshot(of: bench.person.organization)
            #expect(after.epoch != before.epoch)
            let missed = try await bench.people.store.changes(
                of: bench.person.organization, epoch: before.epoch, after: before.seq)
            #expect(missed == nil)
        }
    }

    @Test("many who are gone at once are seen to be gone in one look")
    func manyAtOnce() async throws {
        try await PeopleBench.run(lease: .seconds(2)) { bench in
            let organization = bench.person.organization
            let everybody = (1...700).map { _ in PersonKey(organization: organization, account: Sample.account()) }
            for person in everybody { try await bench.people.change(person, [.meeting(Sample.participant())]) }
            try await eventually(timeout: .seconds(20), "all leases are over") {
                let due = RedisArgument(bench.people.store.key(organization, "due"))
                let now = String(Int(Date.now.timeIntervalSince1970 * 1_000))
                let waiting = try await bench.client.send("ZCOUNT", due, RedisArgument("(\(now)"), "+inf")
                return waiting.int == 0 ? nil : "\(waiting)"
            }
            try await eventually("one look") {
                try await bench.people.settleEnds()
                let views = try await bench.people.snapshot(of: organization).views
                return views.isEmpty ? nil : "\(views.count) are seen"
            }
        }
    }
}
