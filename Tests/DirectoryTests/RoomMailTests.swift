import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import ParleyProtocol
import Postgres
import ServiceKit
import TestSupport
import Testing

@testable import DirectoryService

@Suite("What invitees hear of a room's changes and of its end", .timeLimit(.minutes(2)))
struct RoomMailTests {
    private static func path(_ room: RoomView, _ rest: String = "") -> String {
        "/api/directory/rooms/\(room.id)\(rest)"
    }

    private static func draft(
        _ title: String?, start: String = "2040-12-04", recurrence: Recurrence? = nil, pin: Bool = false,
        _ invitees: String...
    ) -> AppointmentDraft {
        AppointmentDraft(
            title: title, start: "\(start)T10:00", end: "\(start)T11:00", timeZone: "Europe/Berlin",
            recurrence: recurrence, invitees: invitees.map { "\($0)@example.org" }, includesPIN: pin)
    }

    private static func create(
        _ draft: AppointmentDraft, in room: RoomView, _ directory: Harness, as owner: AccessClaims
    ) async throws -> AppointmentView {
        try await directory.send(.post, path(room, "/appointments"), draft, as: owner).decode(.created)
    }

    private static func change(
        _ room: RoomView, _ draft: RoomDraft, _ directory: Harness, as owner: AccessClaims
    ) async throws {
        let answer = try await directory.send(.put, path(room), draft, as: owner, ifMatch: "*")
        guard answer.status == .ok else { throw UnexpectedAnswer(description: answer.problem) }
    }

    /// `recipient METHOD SEQUENCE:n` of the mails after the first ones.
    private static func kinds(_ mails: [ReadMail], after count: Int) -> [String] {
        mails.dropFirst(count).map { "\($0.to) \($0.method ?? "-") \($0.line("SEQUENCE") ?? "-")" }.sorted()
    }

    @Test("a new link, name or description reaches the calendars of all who are invited to what is to come, once")
    func changes() async throws {
        try await MailHarness.run { mail in
            let (directory, ada) = (mail.directory, someone())
            mail.people.add(ada, email: "ada@example.org")
            let room = try await directory.create(
                RoomDraft(name: "Room", alias: "first-alias", description: "Old words"), as: ada)
            let named = try await Self.create(Self.draft(nil, "grace"), in: room, directory, as: ada)
            let series = try await Self.create(
                Self.draft("Series", start: "2020-01-07", recurrence: Recurrence(frequency: .weekly), "alan"), in: room,
                directory, as: ada)
            _ = try await Self.create(Self.draft("Past", start: "2020-01-07", "eve"), in: room, directory, as: ada)
            let empty = try await Self.create(Self.draft("Nobody"), in: room, directory, as: ada)
            _ = try await mail.mails(2)
            try await Self.change(
                room, RoomDraft(name: "Hall", alias: "second-alias", description: "New words"), directory, as: ada)
            let mails = try await mail.mails(4)
            #expect(
                Self.kinds(mails, after: 2) == [
                    "alan@example.org REQUEST SEQUENCE:1", "grace@example.org REQUEST SEQUENCE:1",
                ])
            for one in mails.suffix(2) {
                let isNamed = one.to == "grace@example.org"
                #expect(one.line("UID") == "UID:\(isNamed ? named.id : series.id)")
                #expect(one.subject == "Changed: \(isNamed ? "Hall" : "Series")")
                #expect(one.line("SUMMARY") == "SUMMARY:\(isNamed ? "Hall" : "Series")")
                #expect(one.line("LOCATION")?.hasSuffix("/r/second-alias") == true)
                #expect(one.line("DESCRIPTION")?.contains("New words") == true)
                #expect(one.calendar?.contains("first-alias") == false && one.replyTo?.contains("ada@") == true)
            }
            // Who edits an appointment meanwhile loses nothing, unless it is called otherwise now.
            let list: AppointmentList = try await directory.send(.get, Self.path(room, "/appointments"), as: ada)
                .decode()
            let versions = Dictionary(uniqueKeysWithValues: list.items.map { ($0.id, $0.version) })
            #expect(versions[named.id] == 2 && versions[series.id] == 1 && versions[empty.id] == 1)
            // What was downloaded gets a higher number as well.
            let file = try await directory.send(.get, Self.path(room, "/appointments/\(empty.id)/calendar"), as: ada)
            #expect(String(buffer: file.body).contains("SEQUENCE:1\r\n"))
        }
    }

    @Test("what no calendar has makes no mail; a new PIN goes to those whose invitation has the PIN")
    func pins() async throws {
        try await MailHarness.run { mail in
            let (directory, ada) = (mail.directory, someone())
            mail.people.add(ada, email: "ada@example.org")
            var draft = RoomDraft(name: "Room", alias: "pin-room", pin: "482913")
            let room = try await directory.create(draft, as: ada)
            _ = try await Self.create(Self.draft("With", pin: true, "grace"), in: room, directory, as: ada)
            _ = try await Self.create(Self.draft("Without", "alan"), in: room, directory, as: ada)
            _ = try await mail.mails(2)
            func count() async throws -> Int { try await directory.pool.query("select 1 from mail").count }
            draft.color = .red
            draft.options = RoomOptions(muteOnJoining: true)
            try await Self.change(room, draft, directory, as: ada)
            try await Self.change(room, draft, directory, as: ada)
            let locked = try await directory.send(.put, Self.path(room, "/lock"), RoomLock(locked: true), as: ada)
            #expect(locked.status.kind == .successful)
            #expect(try await count() == 2)
            draft.pin = "600211"
            try await Self.change(room, draft, directory, as: ada)
            draft.pin = nil
            let third = try await mail.mails(3)
            #expect(Self.kinds(third, after: 2) == ["grace@example.org REQUEST SEQUENCE:1"])
            #expect(third.last?.text.contains("PIN: 600211") == true && third.last?.text.contains("482913") == false)
            try await Self.change(room, draft, directory, as: ada)
            let fourth = try await mail.mails(4)
            #expect(Self.kinds(fourth, after: 3) == ["grace@example.org REQUEST SEQUENCE:2"])
            #expect(fourth.last?.text.contains("PIN") == false)
            #expect(try await count() == 4)
        }
    }

    @Test(
        "a room is changed whatever its owner has sent in the day: what is too much waits, and nothing of it is sent twice"
    )
    func limited() async throws {
        try await MailHarness.run { mail in
            let (directory, ada) = (mail.directory, someone())
            let room = try await directory.create(RoomDraft(name: "Room", alias: "limited-room"), as: ada)
            _ = try await Self.create(Self.draft("A", "grace", "alan"), in: room, directory, as: ada)
            _ = try await Self.create(Self.draft("B", "eve"), in: room, directory, as: ada)
            try await directory.pool.execute(
                """
                insert into mail (id, organization_id, account_id, recipient, state, is_counted, finished_at, created_at)
                select gen_random_uuid(), \(ada.organization), \(ada.account), 'grace@example.org', 'sent', true, now(),
                    now() - interval '1 hour' from generate_series(1, \(Limits.mailsPerDay - 4))
                """)
            _ = try await mail.mails(3)
            for alias in ["limited-hall", "limited-house"] {
                try await Self.change(room, RoomDraft(name: "Hall", alias: alias), directory, as: ada)
            }
            let waiting = try await directory.pool.query(
                "select recipient from mail where state = 'waiting' and due_at > now() + interval '20 hours'"
            ).map { try $0.decode("recipient", as: String.self) }
            #expect(waiting.sorted() == ["alan@example.org", "eve@example.org", "grace@example.org"])
        }
    }

    @Test("with a room that is removed for its age all who are invited to what is to come hear of it")
    func age() async throws {
        try await MailHarness.run { mail in
            let (directory, ada) = (mail.directory, someone())
            mail.people.add(ada, email: "ada@example.org")
            let room = try await directory.create(RoomDraft(name: "Room", alias: "aged-room"), as: ada)
            let made = try await Self.create(Self.draft("Weekly", "grace"), in: room, directory, as: ada)
            _ = try await Self.create(Self.draft("Past", start: "2020-01-07", "eve"), in: room, directory, as: ada)
            _ = try await mail.mails(1)
            try await directory.pool.execute(
                "update room set last_used_at = now() - interval '200 days', expired_on = 0 where id = \(room.id)")
            try await directory.pool.execute("update sweep_day set day = 100, trusted_on = 0")
            #expect(try await Self.ages(directory, mail).remove(after: 90) == 1)
            let cancelled = try #require(try await mail.mails(2).last)
            #expect(cancelled.method == "CANCEL" && cancelled.to == "grace@example.org")
            #expect(cancelled.line("UID") == "UID:\(made.id)" && cancelled.line("SEQUENCE") == "SEQUENCE:1")
            #expect(cancelled.text.hasPrefix("An online meeting to which you were invited is cancelled."))
            #expect(cancelled.line("ORGANIZER")?.hasPrefix("ORGANIZER;CN=\"Ada Lovelace\"") == true)
            // Nobody has done it, so nobody is to be answered.
            #expect(cancelled.replyTo == nil && cancelled.automatic == "auto-generated")
            try await eventually("nothing waits") {
                try await directory.pool.query("select 1 from mail where state = 'waiting'").isEmpty ? nil : "something"
            }
        }
    }

    @Test("with an account its rooms' invitees hear of it, and nobody is invited any more")
    func account() async throws {
        try await MailHarness.run { mail in
            let (directory, ada) = (mail.directory, someone())
            mail.people.add(ada, email: "ada@example.org")
            let room = try await directory.create(RoomDraft(name: "Room", alias: "her-room"), as: ada)
            let other = someone()
            mail.people.add(other, email: "other@example.org")
            let kept = try await directory.create(RoomDraft(name: "Kept", alias: "kept-room"), as: other)
            _ = try await Self.create(Self.draft("Weekly", "grace"), in: room, directory, as: ada)
            _ = try await mail.mails(1)
            try mail.server.set(.busy)
            _ = try await Self.create(Self.draft("Later", "alan"), in: room, directory, as: ada)
            for (room, owner) in [(room, ada), (kept, other)] {
                let answer = try await directory.send(
                    .post, Self.path(room, "/invitations"), InvitationDraft(invitees: ["eve@example.org"]), as: owner)
                #expect(answer.status == .accepted)
            }
            try await eventually(timeout: .seconds(20), "all were tried once") {
                let count = try await directory.pool.query("select 1 from mail where last_error is not null").count
                return count == 3 ? nil : "\(count)"
            }
            let gone = RemovedAccounts.Item(account: ada.account, organization: ada.organization)
            let owners = OwnerStore(pool: directory.pool, appointments: try Self.appointments(directory, mail))
            #expect(try await owners.remove(RemovedAccounts(items: [gone], position: 1, hasMore: false)) > 0)
            try mail.server.set(.taken)
            try await directory.pool.execute("update mail set due_at = now() where state = 'waiting'")
            let mails = try await mail.mails(3)
            // Alan has never been invited; Eve is, to the other room.
            #expect(
                Self.kinds(mails, after: 1) == ["eve@example.org - -", "grace@example.org CANCEL SEQUENCE:1"])
            // The server has the last one before it is written down.
            try await eventually("nothing waits") {
                let states = try await directory.pool.query("select state from mail")
                    .map { try $0.decode("state", as: String.self) }
                return !states.contains("waiting") && states.contains("dropped") ? nil : "\(states)"
            }
        }
    }

    private static func appointments(_ directory: Harness, _ mail: MailHarness) throws -> AppointmentStore {
        AppointmentStore(
            pool: directory.pool,
            notices: AppointmentMail(
                outbox: Outbox(vault: LetterVault(secret: Harness.pinKey)), vault: PINVault(secret: Harness.pinKey),
                links: RoomLinks(publicURL: directory.settings.service.publicURL),
                from: try MailHarness.settings(mail.server).from))
    }

    private static func ages(_ directory: Harness, _ mail: MailHarness) throws -> RoomAgeStore {
        RoomAgeStore(pool: directory.pool, appointments: try appointments(directory, mail))
    }
}
