import Foundation
import HTTPTypes
import HummingbirdTesting
import ParleyProtocol
import Postgres
import ServiceKit
import TestSupport
import Testing

@testable import DirectoryService

@Suite("Owners hear of the end of their rooms", .timeLimit(.minutes(2)))
struct AgeNoticesTests {
    private static func notices(_ harness: Harness) -> AgeNotices {
        let identity = ServiceClient(
            from: .directory, to: .identity, baseURL: harness.settings.identityURL,
            tokens: ServiceTokens(clusterSecret: Harness.secret))
        return AgeNotices(
            pool: harness.pool, outbox: Outbox(vault: LetterVault(secret: Harness.pinKey)),
            identity: IdentityCalls(client: identity, logger: Harness.quiet),
            publicURL: harness.settings.service.publicURL, graceDays: harness.settings.roomGraceDays,
            logger: Harness.quiet)
    }

    /// Recipients of all mails, whatever has become of them.
    private static func recipients(_ harness: Harness) async throws -> [String] {
        try await harness.pool.query("select recipient from mail order by created_at, recipient")
            .map { try $0.decode("recipient") }
    }

    private static func withPeople(
        _ body: @escaping @Sendable (Harness, PeopleStandIn) async throws -> Void
    ) async throws {
        let people = PeopleStandIn()
        try await people.run { url in
            try await Harness.run(adjust: { $0.identityURL = url }) { try await body($0, people) }
        }
    }

    @Test("from day 76 on once, on day 90 once more, and anew after a renewal")
    func life() async throws {
        try await Self.withPeople { directory, people in
            let ada = someone()
            people.add(ada, email: "ada@example.org", language: "de")
            let room = try await directory.create(RoomDraft(name: "Room"), as: ada)
            let notices = Self.notices(directory)
            func count(at days: Int) async throws -> Int {
                try await directory.age(room.id, days: days)
                await notices.look()
                await notices.look()
                return try await Self.recipients(directory).count
            }
            #expect(try await count(at: 75) == 0)
            // One moment for all: another age is another end.
            #expect(try await count(at: 76) == 1)
            await notices.look()
            #expect(try await Self.recipients(directory).count == 1)
            #expect(try await count(at: 90) == 2)
            #expect(try await directory.send(.post, "/api/directory/rooms/\(room.id)/renew", as: ada).status == .ok)
            await notices.look()
            #expect(try await Self.recipients(directory).count == 2)
            #expect(try await count(at: 80) == 3)
        }
    }

    @Test("several processes at once tell of each room once")
    func together() async throws {
        try await Self.withPeople { directory, people in
            let ada = someone()
            people.add(ada, email: "ada@example.org")
            for number in 1...10 {
                let room = try await directory.create(RoomDraft(name: "Room \(number)"), as: ada)
                try await directory.age(room.id, days: number.isMultiple(of: 2) ? 80 : 100)
            }
            let notices = Self.notices(directory)
            await withDiscardingTaskGroup { group in
                for _ in 1...4 { group.addTask { await notices.look() } }
            }
            #expect(try await Self.recipients(directory).count == 10)
        }
    }

    @Test("nobody is told without address, of a personal room that was never used, or in a disabled organization")
    func untold() async throws {
        try await Self.withPeople { directory, people in
            let (unknown, silent, closed, ada) = (someone(), someone(), someone(), someone())
            people.add(silent, email: nil)
            people.add(closed, email: "closed@example.org")
            people.add(ada, email: "ada@example.org")
            for owner in [unknown, silent, closed] {
                let room = try await directory.create(RoomDraft(name: "Room"), as: owner)
                try await directory.age(room.id, days: 80)
            }
            let personal = try await directory.create(RoomDraft(name: "Room"), as: ada)
            try await directory.pool.execute(
                """
                update room set is_personal = true, created_at = now() - interval '100 days',
                    last_used_at = now() - interval '100 days' where id = \(personal.id)
                """)
            try await directory.pool.execute(
                "insert into organization (id, is_disabled, allows_attendance) values (\(closed.organization), true, true)"
            )
            await Self.notices(directory).look()
            #expect(try await Self.recipients(directory).isEmpty)
            // It was used: now it is one that somebody knows.
            try await directory.pool.execute(
                "update room set last_used_at = now() - interval '99 days' where id = \(personal.id)")
            await Self.notices(directory).look()
            #expect(try await Self.recipients(directory) == ["ada@example.org"])
        }
    }

    @Test("while identity is away nobody is told, and nothing is forgotten")
    func away() async throws {
        try await Harness.run { directory in
            let ada = someone()
            let room = try await directory.create(RoomDraft(name: "Room"), as: ada)
            try await directory.age(room.id, days: 80)
            await Self.notices(directory).look()
            let rows = try await directory.pool.query("select 1 from room where warned_of is not null")
            #expect(rows.isEmpty)
        }
    }

    @Test("the letter is in the owner's language and leads to the list of rooms")
    func letter() async throws {
        try await MailHarness.run { mail in
            let ada = someone()
            mail.people.add(ada, email: "ada@example.org", language: "de")
            let room = try await mail.directory.create(RoomDraft(name: "Küche"), as: ada)
            try await mail.directory.age(room.id, days: 91)
            await Self.notices(mail.directory).look()
            let letter = try #require(try await mail.mails(1).first)
            #expect(letter.subject == "Ihr Raum ist abgelaufen: Küche")
            #expect(letter.automatic == "auto-generated" && letter.from == "Parley <parley@example.org>")
            #expect(letter.html.contains("<a href=\"\(mail.directory.settings.service.publicURL)/\">"))
        }
    }
}
