import Foundation
import HTTPTypes
import HummingbirdTesting
import ParleyProtocol
import Postgres
import Testing

@testable import IdentityService

@Suite("Colleagues", .timeLimit(.minutes(1)))
struct ColleagueTests {
    @Test("one sees the enabled accounts of one's own organization only, by display name")
    func own() async throws {
        try await IdentityBench.run { bench async throws in
            try await bench.pool.execute(
                "update account set is_enabled = false where user_name = 'erika@firma.example'")
            let token = try await bench.token(try await bench.signedIn())
            let view = try await bench.send(.get, "colleagues", bearer: token).decoded(ColleaguesView.self)
            #expect(view.items.map(\.displayName) == ["Erika Muster", "Max Muster"])
            #expect(view.nextCursor == nil)
            let other = try await bench.token(try await bench.signedIn(organization: "other"))
            let others = try await bench.send(.get, "colleagues", bearer: other).decoded(ColleaguesView.self)
            #expect(others.items.map(\.displayName) == ["Erika Other"])
        }
    }

    @Test("pages follow each other without gap or double, also among equal names")
    func pages() async throws {
        try await IdentityBench.run { bench async throws in
            for number in 0..<7 {
                try await IdentityBench.add(
                    NewAccount(userName: "twin\(number)", displayName: "Zwilling"), to: "demo", bench.pool)
            }
            let token = try await bench.token(try await bench.signedIn())
            var seen: [ColleaguesView.Colleague] = []
            var cursor = ""
            repeat {
                let path = "colleagues?limit=3" + (cursor.isEmpty ? "" : "&cursor=\(cursor)")
                let view = try await bench.send(.get, path, bearer: token).decoded(ColleaguesView.self)
                #expect(view.items.count <= 3 && !view.items.isEmpty)
                seen += view.items
                cursor = view.nextCursor ?? ""
            } while !cursor.isEmpty
            #expect(seen.count == 10)
            #expect(Set(seen.map(\.account)).count == 10)
            #expect(seen.map(\.displayName) == seen.map(\.displayName).sorted())
        }
    }

    @Test(
        "a limit or cursor that is none is refused",
        arguments: ["limit=0", "limit=201", "limit=x", "cursor=x", "cursor="])
    func badQuery(_ query: String) async throws {
        try await IdentityBench.run { bench async throws in
            let token = try await bench.token(try await bench.signedIn())
            let response = try await bench.send(.get, "colleagues?\(query)", bearer: token)
            #expect(response.status == .badRequest)
            #expect(response.code == .validationFailed)
        }
    }

    @Test(
        "a token shows nothing any more once the account or its organization is disabled",
        arguments: [false, true])
    func disabled(wholeOrganization: Bool) async throws {
        try await IdentityBench.run { bench async throws in
            let token = try await bench.token(try await bench.signedIn())
            #expect(try await bench.send(.get, "colleagues", bearer: token).status == .ok)
            try await bench.pool.execute(
                wholeOrganization
                    ? "update organization set is_enabled = false where ucsid = '4711-0815'"
                    : "update account set is_enabled = false where user_name = 'Erika'")
            let response = try await bench.send(.get, "colleagues", bearer: token)
            #expect(response.status == .unauthorized)
            #expect(response.code == .unauthenticated)
        }
    }

    @Test("without a good token nobody sees anything", arguments: [nil, "", "x", "e30.e30.e30"])
    func noToken(_ token: String?) async throws {
        try await IdentityBench.run { bench async throws in
            let cookie = try await bench.signedIn()
            let response = try await bench.send(.get, "colleagues", cookie: cookie, bearer: token)
            #expect(response.status == .unauthorized)
            #expect(response.code == .unauthenticated)
        }
    }
}
