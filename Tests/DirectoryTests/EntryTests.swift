import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import ParleyProtocol
import Postgres
import TestSupport
import Testing

@testable import DirectoryService
@testable import ServiceKit

@Suite("Entry", .timeLimit(.minutes(1)))
struct EntryTests {
    private let tickets = TicketTokens(clusterSecret: Harness.secret)

    @Test("a guest with the link and a name gets a ticket for this room")
    func guest() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "Weekly", alias: "weekly"), as: owner)
            directory.signaling.set(3, in: room.id)
            let answer = try await directory.enter("WEEKLY", EntryRequest(displayName: " Grace "))
            let grant: EntryGrant = try answer.decode()
            #expect(grant.role == .participant)
            #expect(grant.occupancy == 3)
            #expect(grant.seats == 50)
            #expect(grant.room.id == room.id && !grant.room.hasPIN)
            let claims = try await tickets.verify(try #require(grant.ticket)).claims
            #expect(claims.room == room.id)
            #expect(claims.organization == owner.organization)
            #expect(claims.roomName == "Weekly" && claims.roomAlias == "weekly")
            #expect(claims.role == .participant)
            #expect(claims.displayName == "Grace")
            #expect(claims.account == nil && claims.accountOrganization == nil)
            let left = try #require(grant.ticketExpiresAt).timeIntervalSinceNow
            #expect(left > 50 && left <= 60)
            let other: EntryGrant = try await directory.enter("weekly").decode()
            #expect(try await tickets.verify(try #require(other.ticket)).claims.id != claims.id)
        }
    }

    @Test("a guest needs a name, and somebody who is signed in has one")
    func names() async throws {
        try await Harness.run { directory in
            _ = try await directory.create(RoomDraft(name: "x", alias: "room"), as: someone())
            let nameless = try await directory.enter("room", EntryRequest())
            #expect(nameless.problem == "400 validation_failed")
            #expect(nameless.fields == [.init("displayName", .missing)])
            let long = EntryRequest(displayName: String(repeating: "x", count: 61))
            #expect(try await directory.enter("room", long).fields == [.init("displayName", .tooLong)])
            // Signaling would not take these.
            for (odd, reason) in [
                ("Ada\u{200E}", FieldProblem.Reason.badFormat), ("\u{FEFF}", .badFormat), ("\u{202E}adA", .badFormat),
                ("A" + String(repeating: "\u{301}", count: 300), .tooLong),
            ] {
                let answer = try await directory.enter("room", EntryRequest(displayName: odd))
                #expect(answer.fields == [.init("displayName", reason)])
            }
            let person = someone(permissions: [])
            let grant: EntryGrant = try await directory.enter("room", EntryRequest(), as: person).decode()
            let claims = try await tickets.verify(try #require(grant.ticket)).claims
            #expect(claims.displayName == "Ada Lovelace")
            #expect(claims.account == person.account && claims.accountOrganization == person.organization)
            #expect(claims.role == .participant)
        }
    }

    @Test("the owner comes in as moderator and without the PIN; everybody else needs it")
    func pin() async throws {
        try await Harness.run { directory in
            let owner = someone()
            _ = try await directory.create(RoomDraft(name: "x", alias: "room", pin: "0042"), as: owner)
            let own: EntryGrant = try await directory.enter("room", EntryRequest(), as: owner).decode()
            #expect(own.role == .moderator && own.ticket != nil)
            let colleague = someone(organization: owner.organization.rawValue)
            #expect(try await directory.enter("room", as: colleague).problem == "403 pin_required")
            #expect(try await directory.enter("room").problem == "403 pin_required")
            for wrong in ["42", "0043", "00420", "x"] {
                let answer = try await directory.enter("room", EntryRequest(displayName: "G", pin: wrong))
                #expect(answer.problem == "403 pin_wrong")
                #expect(!String(buffer: answer.body).contains("0042"))
            }
            let grant: EntryGrant = try await directory.enter("room", EntryRequest(displayName: "G", pin: "0042"))
                .decode()
            #expect(grant.ticket != nil && grant.room.hasPIN)
        }
    }

    @Test("a check shows the room to who has its PIN, and grants nothing")
    func check() async throws {
        try await Harness.run { directory in
            _ = try await directory.create(
                RoomDraft(name: "x", alias: "room", description: "d", pin: "0042"), as: someone())
            #expect(try await directory.enter("room", EntryRequest(check: true)).problem == "403 pin_required")
            let grant: EntryGrant = try await directory.enter("room", EntryRequest(pin: "0042", check: true)).decode()
            #expect(grant.room.hasPIN && grant.room.description == "d")
            #expect(grant.ticket == nil && grant.ticketExpiresAt == nil)
            let wrong = try await directory.enter("room", EntryRequest(pin: "0000", check: true))
            #expect(wrong.problem == "403 pin_wrong")
        }
    }

    @Test("after ten wrong PINs a source is locked, also for the right PIN, and others are not")
    func sourceLimit() async throws {
        try await Harness.run { directory in
            let owner = someone()
            _ = try await directory.create(RoomDraft(name: "x", alias: "room", pin: "0042"), as: owner)
            let wrong = EntryRequest(displayName: "G", pin: "9999")
            let right = EntryRequest(displayName: "G", pin: "0042")
            // All at once: counting and judging are one step.
            let answers = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<25 {
                    group.addTask { try await directory.enter("room", wrong, source: "203.0.113.7").problem }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.filter { $0 == "403 pin_wrong" }.count == 10)
            #expect(answers.filter { $0 == "429 pin_locked" }.count == 15)
            let locked = try await directory.enter("room", right, source: "203.0.113.7")
            #expect(locked.problem == "429 pin_locked")
            let seconds = try #require(locked.headers[.retryAfter].flatMap { Int($0) })
            #expect((1...1_801).contains(seconds))
            #expect(try await directory.enter("room", right, source: "203.0.113.8").status == .ok)
            #expect(try await directory.enter("room", EntryRequest(), as: owner, source: "203.0.113.7").status == .ok)
            #expect(try await directory.enter("room", right, source: "2001:db8:1:2::1").status == .ok)
        }
    }

    @Test(
        "wrong PINs from many sources use up the room's budget: then it is locked for guests, and not for who is known")
    func roomLimit() async throws {
        try await Harness.run { directory in
            let owner = someone()
            _ = try await directory.create(RoomDraft(name: "x", alias: "room", pin: "0042"), as: owner)
            let wrong = EntryRequest(displayName: "G", pin: "9999")
            let right = EntryRequest(displayName: "G", pin: "0042")
            var answers: [String] = []
            for number in 0..<20 {
                let source = "2001:db8:0:\(number)::1"
                answers.append(try await directory.enter("room", wrong, source: source).problem)
            }
            let evaluated = answers.filter { $0 == "403 pin_wrong" }.count
            #expect(answers.prefix(PINBudget.atOnce).allSatisfy { $0 == "403 pin_wrong" } && evaluated < 20)
            let locked = try await directory.enter("room", right, source: "198.51.100.1")
            #expect(locked.problem == "429 pin_locked")
            let seconds = try #require(locked.headers[.retryAfter].flatMap { Int($0) })
            #expect((1...40).contains(seconds))
            #expect(try await directory.enter("room", EntryRequest(), as: owner).status == .ok)
            let colleague = someone(organization: owner.organization.rawValue)
            #expect(try await directory.enter("room", right, as: colleague).status == .ok)
        }
    }

    @Test("what a room allows comes from the database: a Redis that has forgotten everything gives no new budget")
    func budgetStays() async throws {
        try await Harness.run { directory in
            _ = try await directory.create(RoomDraft(name: "x", alias: "room", pin: "0042"), as: someone())
            let wrong = EntryRequest(displayName: "G", pin: "9999")
            var evaluated = 0
            for number in 0..<30 {
                let answer = try await directory.enter("room", wrong, source: "2001:db8:1:\(number)::1").problem
                if answer == "403 pin_wrong" { evaluated += 1 }
                if number == 14 { try await directory.forgetCounters() }
            }
            #expect(evaluated < 20)
        }
    }

    @Test("a new PIN begins a new count; a change that keeps the PIN does not")
    func newPIN() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x", alias: "room", pin: "0042"), as: owner)
            for _ in 0..<10 {
                let answer = try await directory.enter("room", EntryRequest(displayName: "G", pin: "9999"))
                #expect(answer.problem == "403 pin_wrong")
            }
            let path = "/api/directory/rooms/\(room.id)"
            let renamed = RoomDraft(name: "y", pin: "0042")
            #expect(try await directory.send(.put, path, renamed, as: owner, ifMatch: "*").status == .ok)
            let old = EntryRequest(displayName: "G", pin: "0042")
            #expect(try await directory.enter("room", old).problem == "429 pin_locked")
            let changed = RoomDraft(name: "y", pin: "1234")
            #expect(try await directory.send(.put, path, changed, as: owner, ifMatch: "*").status == .ok)
            #expect(try await directory.enter("room", old).problem == "403 pin_wrong")
            #expect(try await directory.enter("room", EntryRequest(displayName: "G", pin: "1234")).status == .ok)
        }
    }

    @Test("after too many links to nowhere a source finds no room at all, and others do")
    func misses() async throws {
        try await Harness.run { directory in
            _ = try await directory.create(RoomDraft(name: "x", alias: "room"), as: someone())
            let misses = EntryRoutes.misses(redis: directory.redis, keyPrefix: directory.settings.redisKeyPrefix)
            for _ in 1..<EntryRoutes.missLimit { _ = try await misses.hit("203.0.113.7") }
            #expect(try await directory.enter("room", source: "203.0.113.7").status == .ok)
            #expect(try await directory.enter("nowhere", source: "203.0.113.7").problem == "403 pin_required")
            for alias in ["room", "nowhere", "%00"] {
                let answer = try await directory.enter(alias, source: "203.0.113.7")
                #expect(answer.problem == "429 too_many_requests")
                let seconds = try #require(answer.headers[.retryAfter].flatMap { Int($0) })
                #expect((1...3_600).contains(seconds))
            }
            #expect(try await directory.enter("room", source: "203.0.113.8").status == .ok)
            #expect(try await directory.enter("room", as: someone(), source: "203.0.113.7").status == .ok)
        }
    }

    @Test("right PINs use up no guesses, however many come from one address")
    func rightPINs() async throws {
        try await Harness.run { directory in
            _ = try await directory.create(RoomDraft(name: "x", alias: "room", pin: "0042"), as: someone())
            for _ in 0..<15 {
                let answer = try await directory.enter("room", EntryRequest(displayName: "G", pin: "0042"))
                #expect(answer.status == .ok)
            }
        }
    }

    @Test("while guesses can't be counted nobody may guess, neither PINs nor rooms, and directory is not ready")
    func redisAway() async throws {
        try await Harness.run(redisURL: "redis://127.0.0.1:1") { directory in
            let owner = someone()
            _ = try await directory.create(RoomDraft(name: "x", alias: "closed", pin: "0042"), as: owner)
            _ = try await directory.create(RoomDraft(name: "x", alias: "open"), as: owner)
            let right = EntryRequest(displayName: "G", pin: "0042")
            for alias in ["closed", "open", "nowhere"] {
                let answer = try await directory.enter(alias, right)
                #expect(answer.problem == "503 unavailable")
                #expect(answer.headers[.retryAfter] != nil)
            }
            let redis = try #require(directory.readiness.first { $0.name == "redis" })
            #expect(await !redis.check())
        }
    }

    @Test("with Redis, directory is ready for work")
    func redisThere() async throws {
        try await Harness.run { directory in
            let redis = try #require(directory.readiness.first { $0.name == "redis" })
            try await eventually("Redis") { await redis.check() ? nil : "not ready" }
        }
    }

    @Test("a room that nobody used for 90 days is gone for guests, and its owner still has it")
    func expiry() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x", alias: "room"), as: owner)
            try await directory.age(room.id, days: 89)
            #expect(try await directory.enter("room").status == .ok)
            try await directory.age(room.id, days: 90)
            #expect(try await directory.enter("room").problem == "403 pin_required")
            #expect(try await directory.enter("room", as: someone()).problem == "410 room_expired")
            #expect(try await directory.enter("room", as: owner).problem == "410 room_expired")
            let shown = try #require(try await directory.rooms(of: owner).first)
            #expect(shown.expiresAt <= .now && shown.age == .expired && shown.removedInDays == 90)
        }
    }

    @Test(
        "a link to nowhere is told so to who has signed in",
        arguments: ["nowhere", "NO_WHERE", "123e4567-e89b-12d3-a456-426614174000", "%00"])
    func nowhere(alias: String) async throws {
        try await Harness.run { directory in
            let answer = try await directory.enter(alias, as: someone())
            #expect(answer.problem == "404 room_not_found")
        }
    }

    @Test("to a guest all doors that don't open are the same: unknown, with a PIN, expired, of a disabled organization")
    func sameDoor() async throws {
        try await Harness.run { directory in
            let (owner, foreign) = (someone(), someone())
            _ = try await directory.create(RoomDraft(name: "x", alias: "closed", pin: "0042"), as: owner)
            let old = try await directory.create(RoomDraft(name: "x", alias: "expired"), as: owner)
            let oldWithPIN = try await directory.create(RoomDraft(name: "x", alias: "both", pin: "0042"), as: owner)
            for room in [old, oldWithPIN] { try await directory.age(room.id, days: 90) }
            _ = try await directory.create(RoomDraft(name: "x", alias: "disabled"), as: foreign)
            try await directory.pool.execute(
                "insert into organization values (\(foreign.organization), true, false)")
            for request in [
                EntryRequest(check: true), EntryRequest(displayName: "G"), EntryRequest(displayName: "G", pin: "1"),
            ] {
                var answers: Set<String> = []
                for alias in ["nowhere", "closed", "expired", "both", "disabled", "%00", old.id.rawValue] {
                    let answer = try await directory.enter(alias, request, source: "2001:db8::1")
                    var headers = answer.headers
                    headers[.date] = nil
                    if let name = HTTPField.Name("X-Request-ID") { headers[name] = nil }
                    answers.insert("\(answer.status) \(headers) \(String(buffer: answer.body))")
                }
                #expect(answers.count == 1)
            }
            let right = EntryRequest(displayName: "G", pin: "0042")
            #expect(try await directory.enter("both", right).problem == "410 room_expired")
        }
    }

    @Test(
        "also after many guesses a padded alias tells nothing, whether there is a room or not",
        arguments: ["%20closed", "CLOSED", "closed%0A", "closed%00"])
    func paddedAlias(padded: String) async throws {
        try await Harness.run { directory in
            _ = try await directory.create(RoomDraft(name: "x", alias: "closed", pin: "0042"), as: someone())
            var answers: [[String]] = []
            for name in ["closed", "nobody"] {
                let odd = padded.replacing("closed", with: name).replacing("CLOSED", with: name.uppercased())
                var problems: [String] = []
                for alias in Array(repeating: name, count: 11) + [odd] {
                    let guess = EntryRequest(displayName: "G", pin: "9999")
                    problems.append(try await directory.enter(alias, guess, source: "203.0.113.9").problem)
                }
                answers.append(problems)
            }
            #expect(answers[0] == answers[1])
            #expect(answers[0][10] == "429 pin_locked")
        }
    }

    @Test("rooms whose PINs can't be read any more stay manageable, and let nobody in who has to know the PIN")
    func lostKey() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let room = try await directory.create(RoomDraft(name: "x", alias: "room", pin: "0042"), as: owner)
            try await directory.pool.execute("update room set pin = '\\x0102030405'::bytea where id = \(room.id)")
            #expect(try await directory.rooms(of: owner).map(\.name) == ["x"])
            let right = EntryRequest(displayName: "G", pin: "0042")
            #expect(try await directory.enter("room", right).problem == "403 pin_wrong")
            #expect(try await directory.enter("room", as: owner).status == .ok)
            let draft = RoomDraft(name: "x", alias: "room", pin: "0043")
            let path = "/api/directory/rooms/\(room.id)"
            #expect(try await directory.send(.put, path, draft, as: owner, ifMatch: "*").status == .ok)
            let new = EntryRequest(displayName: "G", pin: "0043")
            #expect(try await directory.enter("room", new).status == .ok)
        }
    }

    @Test("who has a link that nobody can guess is told that its room has expired")
    func secretAlias() async throws {
        try await Harness.run { directory in
            let room = try await directory.create(RoomDraft(name: "x"), as: someone())
            try await directory.age(room.id, days: 90)
            #expect(try await directory.enter(room.alias).problem == "410 room_expired")
        }
    }

    @Test("how one would come in is said beforehand: direct, lobby, locked, or when a moderator is there")
    func admission() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let options = RoomOptions(lobby: .guests, waitForModerator: true)
            let room = try await directory.create(RoomDraft(name: "x", alias: "room", options: options), as: owner)
            let colleague = someone(organization: owner.organization.rawValue)
            func admissions() async throws -> [Admission] {
                var all: [Admission] = []
                for account in [owner, colleague, nil, someone()] {
                    let grant: EntryGrant = try await directory.enter("room", as: account).decode()
                    #expect(grant.room.options == options)
                    all.append(grant.admission)
                }
                return all
            }
            #expect(try await admissions() == [.direct, .moderator, .lobby, .lobby])
            directory.signaling.set(RunningRoom(locked: false, moderated: true), in: room.id)
            #expect(try await admissions() == [.direct, .direct, .lobby, .lobby])
            directory.signaling.set(RunningRoom(locked: true, moderated: true), in: room.id)
            #expect(try await admissions() == [.direct, .locked, .locked, .locked])
        }
    }

    @Test("a ticket says what holds in the room and where its holder came from")
    func policy() async throws {
        try await Harness.run { directory in
            let owner = someone()
            let draft = RoomDraft(name: "x", alias: "room", options: RoomOptions(muteOnJoining: true))
            let room = try await directory.create(draft, as: owner)
            let lock = "/api/directory/rooms/\(room.id)/lock"
            #expect(try await directory.send(.put, lock, RoomLock(locked: true), as: owner).status == .ok)
            let grant: EntryGrant = try await directory.enter("room", source: "2001:db8:1:2:3::4").decode()
            let claims = try await tickets.verify(try #require(grant.ticket)).claims
            #expect(claims.policy?.options == draft.options && claims.policy?.locked == true)
            #expect(claims.policy?.version == 2)
            #expect(claims.source?.hasPrefix("2001:db8:1:2") == true && claims.source?.contains(":3") == false)
        }
    }

    @Test("the id of a room is no way in")
    func roomID() async throws {
        try await Harness.run { directory in
            let room = try await directory.create(RoomDraft(name: "x"), as: someone())
            #expect(try await directory.enter(room.id.rawValue, as: someone()).problem == "404 room_not_found")
        }
    }
}
