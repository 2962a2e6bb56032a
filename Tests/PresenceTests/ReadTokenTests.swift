import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import ParleyProtocol
import Postgres
import ServiceKit
import TestSupport
import Testing

@testable import PresenceService

@Suite("Reading presence with a token", .timeLimit(.minutes(2)))
struct ReadTokenTests {
    @Test("a token reads everybody of its own organization who is not offline, with names, and nobody else")
    func everybody() async throws {
        try await TelephoneBench.run { bench async throws in
            let (ours, theirs) = (Sample.administrator(), Sample.administrator())
            let (ada, grace, alan, eve) = (Sample.account(), Sample.account(), Sample.account(), Sample.account())
            for (name, account) in [("ada", ada), ("grace", grace)] {
                bench.identity.add(name, account, to: ours.organization)
            }
            bench.identity.add("eve", eve, to: theirs.organization)
            try await bench.set(.busy, text: "Writing", ada, of: ours.organization)
            try await bench.set(.invisible, grace, of: ours.organization)
            // Identity does not name him: he is disabled, or was deleted.
            try await bench.set(.busy, alan, of: ours.organization)
            try await bench.set(.absent, eve, of: theirs.organization)
            let token = try await bench.readToken(of: ours).token
            let answer: NamedPresenceSnapshot = try await bench.send(.get, "people", token: token).decode()
            let seen = SeenPresence(state: .busy, text: "Writing")
            #expect(
                answer.items == [NamedPresence(account: ada, userName: "ada", displayName: "Ada", seen: seen)])
            let snapshot = try await bench.people.snapshot(of: ours.organization)
            #expect(answer.epoch == snapshot.epoch && answer.seq == snapshot.seq)
            let other = try await bench.readToken(of: theirs).token
            let others: NamedPresenceSnapshot = try await bench.send(.get, "people", token: other).decode()
            #expect(others.items.map(\.account) == [eve])
        }
    }

    @Test("one person is found, offline too, and nobody of another organization")
    func person() async throws {
        try await TelephoneBench.run { bench async throws in
            let ours = Sample.administrator()
            let (grace, eve) = (Sample.account(), Sample.account())
            bench.identity.add("grace", grace, to: ours.organization)
            bench.identity.add("eve", eve, to: Sample.organization())
            let token = try await bench.readToken(of: ours).token
            let found: NamedPresence = try await bench.send(.get, "people/\(grace)", token: token).decode()
            #expect(
                found == NamedPresence(account: grace, userName: "grace", displayName: "Grace", seen: .hidden))
            for other in [eve.rawValue, Sample.account().rawValue, "grace"] {
                let answer = try await bench.send(.get, "people/\(other)", token: token)
                #expect(answer.problem == "404 not_found")
            }
        }
    }

    @Test("identity is asked for a hundred names at a time, and not again for what it has just said")
    func names() async throws {
        try await TelephoneBench.run { bench async throws in
            let ours = Sample.administrator()
            for number in 1...101 {
                let account = Sample.account()
                bench.identity.add("person\(number)", account, to: ours.organization)
                try await bench.set(.busy, account, of: ours.organization)
            }
            let token = try await bench.readToken(of: ours).token
            for _ in 1...2 {
                let answer: NamedPresenceSnapshot = try await bench.send(.get, "people", token: token).decode()
                #expect(answer.items.count == 101)
            }
            #expect(bench.identity.questions.sorted() == [1, 100])
        }
    }

    @Test("a token is shown once, kept as a digest, and worth nothing after it was deleted")
    func life() async throws {
        try await TelephoneBench.run { bench async throws in
            let ours = Sample.administrator()
            let created = try await bench.readToken(of: ours, name: "  Reception ")
            #expect(created.name == "Reception" && created.token.hasPrefix("parley_pr_") && created.token.count == 53)
            #expect(try await bench.send(.get, "people", token: created.token).status == .ok)
            let listed = try await bench.send(.get, "read-tokens", as: ours)
            #expect(!String(buffer: listed.body).contains(created.token))
            let item = try #require(try listed.decode(as: ReadTokenList.self).items.first)
            #expect(item.id == created.id && item.name == "Reception" && item.createdBy == ours.account)
            #expect(item.lastUsedAt != nil)
            let row = try #require(
                try await bench.pool.query("select row_to_json(read_token)::text as row from read_token").first)
            let kept = try row.decode("row", as: String.self)
            #expect(!kept.contains(created.token.dropFirst("parley_pr_".count)))
            let removal = try await bench.send(.delete, "read-tokens/\(created.id)", as: ours)
            #expect(removal.status == .noContent)
            let refused = try await bench.send(.get, "people", token: created.token)
            #expect(refused.problem == "401 unauthenticated")
            let again = try await bench.send(.delete, "read-tokens/\(created.id)", as: ours)
            #expect(again.problem == "404 not_found")
        }
    }

    @Test("only administrators make, see and delete tokens, and only those of their own organization")
    func administrators() async throws {
        try await TelephoneBench.run { bench async throws in
            let (ours, theirs) = (Sample.administrator(), Sample.administrator())
            let member = Sample.member(of: ours.organization, permissions: [.createRooms])
            let created = try await bench.readToken(of: ours)
            let draft = ReadTokenDraft(name: "Mine")
            #expect(try await bench.send(.get, "read-tokens", as: member).problem == "403 forbidden")
            #expect(try await bench.send(.post, "read-tokens", draft, as: member).problem == "403 forbidden")
            #expect(
                try await bench.send(.delete, "read-tokens/\(created.id)", as: member).problem == "403 forbidden")
            #expect(
                try await bench.send(.delete, "read-tokens/\(created.id)", as: theirs).problem == "404 not_found")
            let others: ReadTokenList = try await bench.send(.get, "read-tokens", as: theirs).decode()
            #expect(others.items.isEmpty)
            // Neither does a token administer, nor an access token read.
            #expect(try await bench.send(.get, "read-tokens", token: created.token).problem == "401 unauthenticated")
            #expect(try await bench.send(.get, "people", as: ours).problem == "401 unauthenticated")
            for wrong in [nil, "parley_pr_", "parley_pr_" + String(repeating: "A", count: 43)] {
                #expect(try await bench.send(.get, "people", token: wrong).problem == "401 unauthenticated")
            }
        }
    }

    @Test("names must be readable, and there are not more tokens than may be")
    func bounds() async throws {
        try await TelephoneBench.run { bench async throws in
            let ours = Sample.administrator()
            for wrong in ["", "  ", "a\u{0}b", String(repeating: "a", count: 81)] {
                let answer = try await bench.send(.post, "read-tokens", ReadTokenDraft(name: wrong), as: ours)
                #expect(answer.problem == "400 validation_failed")
            }
            for _ in 1...Limits.readTokens { _ = try await bench.readToken(of: ours) }
            let more = try await bench.send(.post, "read-tokens", ReadTokenDraft(name: "More"), as: ours)
            #expect(more.problem == "409 limit_reached")
            _ = try await bench.readToken(of: Sample.administrator())
        }
    }

    @Test("who asks too often with one token is told when to come back; another token is not concerned")
    func tooOften() async throws {
        try await TelephoneBench.run { bench async throws in
            let ours = Sample.administrator()
            let (first, second) = (try await bench.readToken(of: ours), try await bench.readToken(of: ours))
            for _ in 1...ReadTokenGate.perMinute {
                #expect(try await bench.send(.get, "people", token: first.token).status == .ok)
            }
            let refused = try await bench.send(.get, "people", token: first.token)
            #expect(refused.problem == "429 too_many_requests")
            #expect((1...60).contains(Int(refused.headers[.retryAfter] ?? "") ?? 0))
            #expect(try await bench.send(.get, "people", token: second.token).status == .ok)
        }
    }

    @Test("after too many wrong tokens none that comes from there is looked at for a while")
    func wrongTokens() async throws {
        try await TelephoneBench.run { bench async throws in
            let right = try await bench.readToken(of: Sample.administrator())
            #expect(try await bench.send(.get, "people", token: right.token).status == .ok)
            for _ in 1...ReadTokenGate.perMinute {
                let answer = try await bench.send(.get, "people", token: ReadToken().text)
                #expect(answer.problem == "401 unauthenticated")
            }
            let refused = try await bench.send(.get, "people", token: ReadToken().text)
            #expect(refused.problem == "429 too_many_requests")
            #expect((1...60).contains(Int(refused.headers[.retryAfter] ?? "") ?? 0))
            #expect(try await bench.send(.get, "people", token: right.token).problem == "429 too_many_requests")
            // What can't be a token is not looked at anyway.
            #expect(try await bench.send(.get, "people", token: "parley_pr_").problem == "401 unauthenticated")
        }
    }

    @Test("the tokens of an organization are worth nothing while it is disabled")
    func disabledOrganization() async throws {
        try await TelephoneBench.run { bench async throws in
            let (ours, theirs) = (Sample.administrator(), Sample.administrator())
            let (token, other) = (
                try await bench.readToken(of: ours).token, try await bench.readToken(of: theirs).token
            )
            let watch = OrganizationWatch(
                identity: bench.identityClient, logger: silentLogger(), keep: OrganizationStore(pool: bench.pool).keep)
            bench.identity.add(theirs.organization)
            for (isDisabled, expected) in [(false, 200), (true, 401), (false, 200)] {
                bench.identity.add(ours.organization, disabled: isDisabled)
                try await watch.look()
                #expect(try await bench.send(.get, "people", token: token).status.code == expected)
                #expect(try await bench.send(.get, "people", token: other).status == .ok)
            }
        }
    }
}
