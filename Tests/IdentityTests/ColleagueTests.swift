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

    @Test("colleagues are found by part of the display name, whatever the case, in pages")
    func search() async throws {
        try await IdentityBench.run { bench async throws in
            let signs = "Straße 100%_\\"
            for (user, name) in [("zahl", signs), ("abwesend", "Abwesend")] {
                try await IdentityBench.add(NewAccount(userName: user, displayName: name), to: "demo", bench.pool)
            }
            try await bench.pool.execute("update account set is_enabled = false where user_name = 'abwesend'")
            let token = try await bench.token(try await bench.signedIn())
            func found(_ text: String) async throws -> [String] {
                var names: [String] = []
                var cursor = ""
                repeat {
                    let path = "colleagues?limit=1&search=\(text)" + (cursor.isEmpty ? "" : "&cursor=\(cursor)")
                    let view = try await bench.send(.get, path, bearer: token).decoded(ColleaguesView.self)
                    names += view.items.map(\.displayName)
                    cursor = view.nextCursor ?? ""
                } while !cursor.isEmpty
                return names
            }
            let all = ["Erika Muster", "Erika Zwei", "Max Muster", signs]
            for (text, names) in [
                ("", all), ("%20", all), ("MUST", ["Erika Muster", "Max Muster"]), ("%20zwei%20", ["Erika Zwei"]),
                ("a%20m", ["Erika Muster"]), ("STRASSE", [signs]),
                // Nobody finds out user names: these are erika@firma.example and zahl.
                ("IRMA.ex", []), ("Zahl", []),
                // What means something in a pattern means itself here.
                ("%25", [signs]), ("0%25_%5C", [signs]), ("M_x", []), ("E%25a", []),
                // Of another organization, and disabled.
                ("other", []), ("abwesend", []),
            ] {
                #expect(try await found(text) == names, "\(text)")
            }
        }
    }

    @Test("a search has as many characters as a display name may have, however they are written")
    func longestSearch() async throws {
        try await IdentityBench.run { bench async throws in
            let token = try await bench.token(try await bench.signedIn())
            // U+1F469 U+1F3FD: one character of two scalars and eight bytes.
            for character in ["x", "%F0%9F%91%A9%F0%9F%8F%BD"] {
                func answer(_ count: Int) async throws -> TestResponse {
                    let text = String(repeating: character, count: count)
                    return try await bench.send(.get, "colleagues?search=\(text)", bearer: token)
                }
                #expect(try await answer(60).status == .ok)
                let refused = try await answer(61)
                #expect(refused.status == .badRequest)
                #expect(try refused.decoded(Problem.self).fields == [FieldProblem("search", .tooLong)])
            }
        }
    }

    @Test(
        "a limit, cursor or search that is none is refused",
        arguments: ["limit=0", "limit=201", "limit=x", "cursor=x", "cursor=", "search=%00", "search=a%0A"])
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
