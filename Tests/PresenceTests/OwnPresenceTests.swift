import Foundation
import HTTPTypes
import NIOCore
import ParleyProtocol
import ServiceKit
import TestSupport
import Testing

@testable import PresenceService

@Suite("One's own presence over HTTP", .timeLimit(.minutes(1)))
struct OwnPresenceTests {
    private func person() -> PersonKey { PersonKey(organization: Sample.organization(), account: Sample.account()) }

    @Test("what is set is kept, told, and ends at its time")
    func set() async throws {
        try await PresenceTestService.withService { service async throws in
            let person = person()
            let token = try await service.accessToken(organization: person.organization, account: person.account)
            let until = Date(timeIntervalSince1970: (Date.now.timeIntervalSince1970 + 3).rounded())
            let answer = try await service.set(
                ManualPresence(state: .doNotDisturb, text: "Writing", until: until), of: person)
            let own = try decode(answer)
            #expect(own.manual == ManualPresence(state: .doNotDisturb, text: "Writing", until: until))
            #expect(own.seen == SeenPresence(state: .doNotDisturb, text: "Writing", until: until))
            let snapshot = try await service.snapshot(organization: person.organization)
            #expect(snapshot.items == [PresenceView(account: person.account, seen: own.seen)])
            try await eventually("the end") {
                let later = try decode(try await service.get("/api/presence/own", token: token))
                let items = try await service.snapshot(organization: person.organization).items
                return later.manual == ManualPresence() && items.isEmpty ? nil : "\(later), \(items)"
            }
        }
    }

    @Test("what can't be set is refused with what is wrong, and changes nothing")
    func refusals() async throws {
        try await PresenceTestService.withService { service async throws in
            let person = person()
            let day = 86_400.0
            let bad: [(ManualPresence, FieldProblem)] = [
                (ManualPresence(state: .busy, text: ""), FieldProblem("text", .missing)),
                (
                    ManualPresence(state: .busy, text: String(repeating: "x", count: 101)),
                    FieldProblem("text", .tooLong)
                ),
                (ManualPresence(state: .busy, text: "a\u{202E}b"), FieldProblem("text", .badFormat)),
                (ManualPresence(state: .busy, until: .now - 1), FieldProblem("until", .notAllowed)),
                (ManualPresence(state: .busy, until: .now + 400 * day), FieldProblem("until", .notAllowed)),
            ]
            for (manual, problem) in bad {
                let answer = try await service.set(manual, of: person)
                #expect(answer.status == .badRequest)
                let body = try WireJSON.decoder.decode(
                    Problem.self, from: Data((answer.body ?? ByteBuffer()).readableBytesView))
                #expect(body.code == .validationFailed && body.fields == [problem])
            }
            for text in ["", "{}", #"{"state":"dancing"}"#, #"{"state":"busy","until":"tomorrow"}"#, "[]"] {
                #expect(try await service.put(raw: text, of: person).status == .badRequest)
            }
            #expect(try await service.get("/api/presence/own", token: nil).status == .unauthorized)
            #expect(try await service.snapshot(organization: person.organization).items.isEmpty)
        }
    }

    @Test("a list of accounts gets those and no others, and not those of another organization")
    func list() async throws {
        try await PresenceTestService.withService { service async throws in
            let (one, two, stranger) = (
                person(), PersonKey(organization: Sample.organization(), account: Sample.account()), person()
            )
            let mate = PersonKey(organization: one.organization, account: two.account)
            for somebody in [one, mate, stranger] {
                #expect(try await service.set(ManualPresence(state: .busy), of: somebody).status == .ok)
            }
            let token = try await service.accessToken(organization: one.organization)
            let path = "/api/presence/colleagues?account=\(mate.account)&account=\(stranger.account)"
            let answer = try await service.get(path, token: token)
            let snapshot = try WireJSON.decoder.decode(
                PresenceSnapshot.self, from: Data((answer.body ?? ByteBuffer()).readableBytesView))
            #expect(snapshot.items.map(\.account) == [mate.account])
            let many = (1...151).map { _ in "account=\(Sample.account())" }.joined(separator: "&")
            for query in ["account=me", many] {
                #expect(try await service.get("/api/presence/colleagues?\(query)", token: token).status == .badRequest)
            }
        }
    }

    private func decode(_ response: Answer) throws -> OwnPresence {
        guard response.status == .ok else { throw TestServerError("status \(response.status)") }
        return try WireJSON.decoder.decode(
            OwnPresence.self, from: Data((response.body ?? ByteBuffer()).readableBytesView))
    }
}
