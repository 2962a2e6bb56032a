import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import ParleyProtocol
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

    @Test("after a hundred wrong PINs from many sources the room's PIN is locked for all, and its owner comes in")
    func roomLimit() async throws {
        try await Harness.run { directory in
            let owner = someone()
            _ = try await directory.create(RoomDraft(name: "x", alias: "room", pin: "0042"), as: owner)
            let right = EntryRequest(displayName: "G", pin: "0042")
            for source in 0..<10 {
                for _ in 0..<10 {
                    let wrong = EntryRequest(displayName: "G", pin: "9999")
                    let answer = try await directory.enter("room", wrong, source: "2001:db8:0:\(source)::1")
                    #expect(answer.problem == "403 pin_wrong")
                }
            }
            #expect(try await directory.enter("room", right, source: "198.51.100.1").problem == "429 pin_locked")
            #expect(try await directory.enter("room", EntryRequest(), as: owner).status == .ok)
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
            #expect(try await directory.enter("nowhere", source: "203.0.113.7").problem == "404 room_not_found")
            for alias in ["room", "nowhere", "%00"] {
                let answer = try await directory.enter(alias, source: "203.0.113.7")
                #expect(answer.problem == "429 too_many_requests")
                let seconds = try #require(answer.headers[.retryAfter].flatMap { Int($0) })
                #expect((1...3_600).contains(seconds))
            }
            #expect(try await directory.enter("room", source: "203.0.113.8").status == .ok)
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
            #expect(try await directory.enter("room").problem == "410 room_expired")
            #expect(try await directory.enter("room", EntryRequest(check: true)).problem == "410 room_expired")
            #expect(try await directory.enter("room", as: owner).problem == "410 room_expired")
            let list: RoomList = try await directory.send(.get, "/api/directory/rooms", as: owner).decode()
            #expect(list.items.first.map { $0.expiresAt <= .now } == true)
        }
    }

    @Test(
        "a link to nowhere is told so",
        arguments: ["nowhere", "NO_WHERE", "123e4567-e89b-12d3-a456-426614174000", "%00"])
    func nowhere(alias: String) async throws {
        try await Harness.run { directory in
            let answer = try await directory.enter(alias)
            #expect(answer.problem == "404 room_not_found")
        }
    }

    @Test("the id of a room is no way in")
    func roomID() async throws {
        try await Harness.run { directory in
            let room = try await directory.create(RoomDraft(name: "x"), as: someone())
            #expect(try await directory.enter(room.id.rawValue).problem == "404 room_not_found")
        }
    }
}
