import Foundation
import HTTPTypes
import HummingbirdTesting
import ParleyProtocol
import Postgres
import ServiceKit
import TestSupport
import Testing

@testable import DirectoryService

@Suite("Invitations by mail", .timeLimit(.minutes(2)))
struct InvitationMailTests {
    private static func path(_ room: RoomView, _ rest: String) -> String { "/api/directory/rooms/\(room.id)/\(rest)" }

    private static func draft(_ invitees: [String], pin: Bool = false) -> AppointmentDraft {
        AppointmentDraft(
            title: "Weekly", start: "2040-12-04T10:00", end: "2040-12-04T11:00", timeZone: "Europe/Berlin",
            recurrence: Recurrence(frequency: .weekly, count: 10), invitees: invitees, includesPIN: pin, language: "de")
    }

    @Test("without a mail server nobody can be invited by mail, and one can see that before")
    func unavailable() async throws {
        try await Harness.run { directory in
            let ada = someone()
            let room = try await directory.create(RoomDraft(name: "Room"), as: ada)
            let features: DirectoryFeatures = try await directory.send(.get, "/api/directory/features", as: ada)
                .decode()
            #expect(!features.mail)
            let answer = try await directory.send(
                .post, Self.path(room, "invitations"), InvitationDraft(invitees: ["grace@example.org"]), as: ada)
            #expect(answer.problem == "409 mail_unavailable")
            let made = try await directory.send(
                .post, Self.path(room, "appointments"), Self.draft(["grace@example.org"]), as: ada)
            #expect(made.status == .created)
            let rows = try await directory.pool.query("select 1 from mail")
            #expect(rows.isEmpty)
        }
    }

    @Test("each one invited gets a mail with the link, and the PIN only if it is wanted; answers go to who invites")
    func invited() async throws {
        try await MailHarness.run { mail in
            let (directory, ada) = (mail.directory, someone())
            mail.people.add(ada, email: "ada@example.org")
            let room = try await directory.create(
                RoomDraft(name: "Küche <b>", alias: "kitchen", description: "Round table", pin: "482913"), as: ada)
            let features: DirectoryFeatures = try await directory.send(.get, "/api/directory/features", as: ada)
                .decode()
            #expect(features.mail)
            let draft = InvitationDraft(
                invitees: ["grace@example.org", "GRACE@example.org", "alan@example.org"], language: "de")
            let answer = try await directory.send(.post, Self.path(room, "invitations"), draft, as: ada)
            #expect(answer.status == .accepted)
            let mails = try await mail.mails(2)
            #expect(mails.map(\.to).sorted() == ["alan@example.org", "grace@example.org"])
            for one in mails {
                #expect(one.subject == "Einladung: Küche <b>")
                #expect(one.text.contains("/r/kitchen") && one.text.contains("Round table"))
                #expect(!one.text.contains("482913") && !one.html.contains("482913"))
                #expect(one.html.contains("Küche &lt;b&gt;") && one.html.contains("/r/kitchen\">"))
                #expect(one.from == "\"Ada Lovelace (Parley)\" <parley@example.org>")
                #expect(one.replyTo == "Ada Lovelace <ada@example.org>")
                #expect(one.calendar == nil && one.automatic == nil)
            }
            let withPIN = InvitationDraft(invitees: ["eve@example.org"], includesPIN: true)
            _ = try await directory.send(.post, Self.path(room, "invitations"), withPIN, as: ada)
            let third = try #require(try await mail.mails(3).first { $0.to == "eve@example.org" })
            #expect(third.subject == "Invitation: Küche <b>" && third.text.contains("PIN: 482913"))
        }
    }

    @Test("colleagues are invited at the address of their account, each once, beside other addresses or without any")
    func colleagues() async throws {
        try await MailHarness.run { mail in
            let (directory, ada, grace, alan) = (mail.directory, someone(), someone(), someone())
            mail.people.add(grace, email: "grace@example.org")
            mail.people.add(alan, email: "alan@example.org")
            let room = try await directory.create(RoomDraft(name: "Room", alias: "kitchen"), as: ada)
            let path = Self.path(room, "invitations")
            let draft = InvitationDraft(
                invitees: ["Grace@example.org", "eve@example.org"],
                accounts: [grace.account, grace.account, alan.account])
            #expect(try await directory.send(.post, path, draft, as: ada).status == .accepted)
            let mails = try await mail.mails(3)
            #expect(
                mails.map { $0.to.lowercased() }.sorted()
                    == ["alan@example.org", "eve@example.org", "grace@example.org"])
            #expect(mails.allSatisfy { $0.text.contains("/r/kitchen") })
            let alone = InvitationDraft(invitees: [], accounts: [grace.account])
            #expect(try await directory.send(.post, path, alone, as: ada).status == .accepted)
            #expect(try await mail.mails(4).last?.to == "grace@example.org")
        }
    }

    @Test("a colleague without address, or who is not there, is named as refused, and nobody gets mail")
    func unreachableColleagues() async throws {
        try await MailHarness.run { mail in
            let (directory, ada, grace, alan) = (mail.directory, someone(), someone(), someone())
            mail.people.add(grace, email: nil)
            mail.people.add(alan, email: "alan@intranet")
            let room = try await directory.create(RoomDraft(name: "Room"), as: ada)
            let path = Self.path(room, "invitations")
            let many = (0...Limits.invitees).map { _ in someone().account }
            let wrong: [([AccountID], FieldProblem)] = [
                ([], .init("invitees", .missing)),
                ([grace.account], .init("accounts", .missing)),
                ([alan.account], .init("accounts", .missing)),
                ([someone().account], .init("accounts", .notAllowed)),
                ([AccountID("../secrets")], .init("accounts", .badFormat)),
                (many, .init("accounts", .tooLong)),
            ]
            for (accounts, problem) in wrong {
                let draft = InvitationDraft(invitees: [], accounts: accounts)
                let answer = try await directory.send(.post, path, draft, as: ada)
                #expect(answer.problem == "400 validation_failed" && answer.fields == [problem])
            }
            mail.people.isAway = true
            let draft = InvitationDraft(invitees: ["eve@example.org"], accounts: [alan.account])
            #expect(try await directory.send(.post, path, draft, as: ada).problem == "503 unavailable")
            let rows = try await directory.pool.query("select 1 from mail")
            #expect(rows.isEmpty)
        }
    }

    @Test(
        "nothing tells whether a guessed address is a colleague's: neither the number in one request nor what is left of the day"
    )
    func guessedAddress() async throws {
        try await MailHarness.run { mail in
            let (directory, ada, grace) = (mail.directory, someone(), someone())
            mail.people.add(grace, email: "grace@example.org")
            let room = try await directory.create(RoomDraft(name: "Room"), as: ada)
            let path = Self.path(room, "invitations")
            func full(_ guess: String) -> InvitationDraft {
                let others = (1..<Limits.invitees).map { "person\($0)@example.org" }
                return InvitationDraft(invitees: others + [guess], accounts: [grace.account])
            }
            for guess in ["grace@example.org", "alan@example.org"] {
                let answer = try await directory.send(.post, path, full(guess), as: ada)
                #expect(answer.problem == "400 validation_failed")
                #expect(answer.fields == [.init("accounts", .tooLong)])
            }
            // As if all but three of the day had been sent.
            try await directory.pool.execute(
                """
                insert into mail (id, organization_id, account_id, recipient, state, is_counted, finished_at, created_at)
                select gen_random_uuid(), \(ada.organization), \(ada.account), 'eve@example.org', 'sent', true, now(),
                    now() - interval '1 hour' from generate_series(1, \(Limits.mailsPerDay - 3))
                """)
            let double = InvitationDraft(invitees: ["grace@example.org"], accounts: [grace.account])
            #expect(try await directory.send(.post, path, double, as: ada).status == .accepted)
            #expect(try await directory.send(.post, path, double, as: ada).problem == "429 too_many_requests")
            let one = InvitationDraft(invitees: [], accounts: [grace.account])
            #expect(try await directory.send(.post, path, one, as: ada).status == .accepted)
            #expect(try await mail.mails(2).map(\.to) == ["grace@example.org", "grace@example.org"])
        }
    }

    @Test("only who manages the room invites, and every wrong field is named")
    func refused() async throws {
        try await MailHarness.run { mail in
            let (directory, ada) = (mail.directory, someone())
            let room = try await directory.create(RoomDraft(name: "Room"), as: ada)
            let right = InvitationDraft(invitees: ["grace@example.org"])
            let path = Self.path(room, "invitations")
            #expect(try await directory.send(.post, path, right).problem == "401 unauthenticated")
            #expect(try await directory.send(.post, path, right, as: someone()).problem == "404 room_not_found")
            let wrong: [(InvitationDraft, [FieldProblem])] = [
                (.init(invitees: []), [.init("invitees", .missing)]),
                (
                    .init(invitees: ["grace"], language: "xx"),
                    [.init("invitees", .badFormat), .init("language", .badFormat)]
                ),
                (.init(invitees: ["grace@example.org\r\nBcc: eve@example.org"]), [.init("invitees", .badFormat)]),
                (
                    .init(invitees: (0...Limits.invitees).map { "person\($0)@example.org" }),
                    [.init("invitees", .tooLong)]
                ),
            ]
            for (draft, fields) in wrong {
                let answer = try await directory.send(.post, path, draft, as: ada)
                #expect(answer.problem == "400 validation_failed" && answer.fields == fields)
            }
            let rows = try await directory.pool.query("select 1 from mail")
            #expect(rows.isEmpty)
        }
    }

    @Test("an account invites so many people in a day and no more; what is refused changes nothing")
    func limited() async throws {
        try await MailHarness.run { mail in
            let (directory, ada, other) = (mail.directory, someone(), someone())
            let room = try await directory.create(RoomDraft(name: "Room"), as: ada)
            // As if they had been sent in the last day, but for one.
            try await directory.pool.execute(
                """
                insert into mail (id, organization_id, account_id, recipient, state, is_counted, finished_at, created_at)
                select gen_random_uuid(), \(ada.organization), \(ada.account), 'grace@example.org', 'sent', true, now(),
                    now() - interval '1 hour' from generate_series(1, \(Limits.mailsPerDay - 1))
                """)
            let two = InvitationDraft(invitees: ["grace@example.org", "alan@example.org"])
            let answer = try await directory.send(.post, Self.path(room, "invitations"), two, as: ada)
            #expect(answer.problem == "429 too_many_requests")
            #expect((82_000...82_800).contains(Int(answer.headers[.retryAfter] ?? "") ?? 0))
            let appointment = try await directory.send(
                .post, Self.path(room, "appointments"), Self.draft(two.invitees), as: ada)
            #expect(appointment.problem == "429 too_many_requests")
            let list: AppointmentList = try await directory.send(.get, Self.path(room, "appointments"), as: ada)
                .decode()
            #expect(list.items.isEmpty)
            let one = InvitationDraft(invitees: ["grace@example.org"])
            #expect(try await directory.send(.post, Self.path(room, "invitations"), one, as: ada).status == .accepted)
            #expect(
                try await directory.send(.post, Self.path(room, "invitations"), one, as: ada).problem
                    == "429 too_many_requests")
            let theirs = try await directory.create(RoomDraft(name: "Room"), as: other)
            #expect(
                try await directory.send(.post, Self.path(theirs, "invitations"), two, as: other).status == .accepted)
        }
    }

    @Test("invitees of an appointment get it, its changes, and word that they are not invited any more")
    func appointment() async throws {
        try await MailHarness.run { mail in
            let (directory, ada) = (mail.directory, someone())
            let room = try await directory.create(RoomDraft(name: "Room", pin: "482913"), as: ada)
            let made: AppointmentView = try await directory.send(
                .post, Self.path(room, "appointments"),
                Self.draft(["grace@example.org", "alan@example.org"], pin: true),
                as: ada
            ).decode(.created)
            let invitations = try await mail.mails(2)
            for one in invitations {
                #expect(one.method == "REQUEST" && one.line("METHOD") == "METHOD:REQUEST")
                #expect(one.line("UID") == "UID:\(made.id)" && one.line("SEQUENCE") == "SEQUENCE:0")
                #expect(one.subject == "Einladung: Weekly" && one.text.contains("PIN: 482913"))
                #expect(one.line("ORGANIZER")?.hasSuffix("mailto:parley@example.org") == true)
                // Each file names the person who gets it, and nobody else.
                #expect(one.line("ATTENDEE")?.hasSuffix("mailto:\(one.to)") == true)
                #expect(one.calendar?.components(separatedBy: "ATTENDEE").count == 2)
            }
            let path = Self.path(room, "appointments/\(made.id)")
            var change = Self.draft(["grace@example.org", "eve@example.org"])
            change.start = "2040-12-04T09:00"
            let changed = try await directory.send(.put, path, change, as: ada, ifMatch: "\"1\"")
            #expect(changed.status == .ok)
            let second = try await mail.mails(5).dropFirst(2)
            let kinds = second.map { "\($0.to) \($0.method ?? "") \($0.subject) \($0.line("SEQUENCE") ?? "")" }.sorted()
            #expect(
                kinds == [
                    "alan@example.org CANCEL Abgesagt: Weekly SEQUENCE:1",
                    "eve@example.org REQUEST Einladung: Weekly SEQUENCE:1",
                    "grace@example.org REQUEST Geändert: Weekly SEQUENCE:1",
                ])
            #expect(second.allSatisfy { !$0.text.contains("482913") })
            let deleted = try await directory.send(.delete, path, as: ada, ifMatch: "\"2\"")
            #expect(deleted.status == .noContent)
            let last = try await mail.mails(7).suffix(2)
            #expect(
                last.map { "\($0.to) \($0.method ?? "") \($0.line("STATUS") ?? "")" }.sorted()
                    == ["eve@example.org CANCEL STATUS:CANCELLED", "grace@example.org CANCEL STATUS:CANCELLED"])
        }
    }

    @Test("who is invited to a room that is deleted hears that nothing comes of it")
    func deletedRoom() async throws {
        try await MailHarness.run { mail in
            let (directory, ada) = (mail.directory, someone())
            let room = try await directory.create(RoomDraft(name: "Room"), as: ada)
            _ = try await directory.send(
                .post, Self.path(room, "appointments"), Self.draft(["grace@example.org"]), as: ada)
            _ = try await mail.mails(1)
            let deleted = try await directory.send(.delete, "/api/directory/rooms/\(room.id)", as: ada, ifMatch: "*")
            #expect(deleted.status == .noContent)
            #expect(try await mail.mails(2).last?.method == "CANCEL")
        }
    }

    @Test("no text of a mail stands in the database in clear, and none after it was sent")
    func secrecy() async throws {
        try await MailHarness.run { mail in
            let (directory, ada) = (mail.directory, someone())
            let room = try await directory.create(RoomDraft(name: "Room", pin: "482913"), as: ada)
            try mail.server.set(.busy)
            let draft = InvitationDraft(invitees: ["grace@example.org"], includesPIN: true)
            _ = try await directory.send(.post, Self.path(room, "invitations"), draft, as: ada)
            let stored = try await directory.pool.query(
                "select encode(letter, 'escape') as text, mail::text as row from mail where letter is not null")
            let row = try #require(stored.first)
            #expect(try !row.decode("text", as: String.self).contains("482913"))
            #expect(try !row.decode("row", as: String.self).contains("482913"))
        }
    }
}
