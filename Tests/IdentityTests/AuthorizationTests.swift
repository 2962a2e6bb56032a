import Foundation
import HTTPTypes
import HummingbirdTesting
import ParleyProtocol
import Postgres
import ServiceKit
import Testing

@testable import IdentityService

/// Every endpoint against everybody who may ask.
@Suite("Authorization", .timeLimit(.minutes(1)))
struct AuthorizationTests {
    /// Who asks. The last three may do what administrators do, each only where they may.
    enum Asker: CaseIterable { case nobody, guest, member, foreignAdministrator, administrator, systemAdministrator }

    private struct Endpoint {
        var method: HTTPRequest.Method
        var path: String
        var body: String?
        /// Who gets another answer than 401, 403 and 404.
        var allowed: Set<Asker>

        static let signedIn: Set<Asker> = [.member, .foreignAdministrator, .administrator, .systemAdministrator]
        static let administrators: Set<Asker> = [.foreignAdministrator, .administrator, .systemAdministrator]
        /// Of the organization that the account in the path is of.
        static let own: Set<Asker> = [.administrator, .systemAdministrator]
    }

    private static func endpoints(_ account: AccountID, system: AccountID) -> [Endpoint] {
        let draft = #"{"userName":"new","displayName":"New","permissions":[],"isEnabled":true}"#
        let another = #"{"userName":"another","displayName":"New","permissions":[],"isEnabled":true}"#
        let own = #"{"password":"\#(IdentityBench.password)"}"#
        let powerful =
            #"{"userName":"root2","displayName":"R","permissions":["system.admin"],"isEnabled":true,"shown":\#(own)}"#
        let less = #"{"userName":"root","displayName":"R","permissions":[],"isEnabled":true,"shown":\#(own)}"#
        let profile = #"{"presenceInMeetings":"busy","showsPresence":true,"appearance":"dark","notifications":[]}"#
        let shown = #"{"password":"wrong"}"#
        return [
            Endpoint(method: .get, path: "colleagues", allowed: Endpoint.signedIn),
            Endpoint(method: .get, path: "profile", allowed: Endpoint.signedIn),
            Endpoint(method: .put, path: "profile", body: profile, allowed: Endpoint.signedIn),
            Endpoint(method: .get, path: "profile/export", allowed: Endpoint.signedIn),
            Endpoint(method: .delete, path: "profile/picture", allowed: Endpoint.signedIn),
            Endpoint(method: .get, path: "sessions", allowed: Endpoint.signedIn),
            Endpoint(method: .delete, path: "sessions/x", allowed: Endpoint.signedIn),
            Endpoint(method: .delete, path: "sessions", allowed: Endpoint.signedIn),
            Endpoint(method: .get, path: "organization", allowed: Endpoint.administrators),
            Endpoint(method: .get, path: "accounts", allowed: Endpoint.administrators),
            Endpoint(method: .get, path: "audit", allowed: Endpoint.administrators),
            Endpoint(method: .post, path: "accounts", body: another, allowed: Endpoint.administrators),
            Endpoint(method: .post, path: "accounts", body: powerful, allowed: [.systemAdministrator]),
            Endpoint(
                method: .get, path: "accounts/\(account)/picture",
                allowed: [.member, .administrator, .systemAdministrator]),
            Endpoint(method: .get, path: "accounts/\(system)", allowed: Endpoint.own),
            Endpoint(method: .put, path: "accounts/\(system)", body: less, allowed: [.systemAdministrator]),
            Endpoint(
                method: .post, path: "accounts/\(system)/one-time-password", body: own,
                allowed: [.systemAdministrator]),
            Endpoint(
                method: .delete, path: "accounts/\(system)/second-factor", body: own, allowed: [.systemAdministrator]),
            Endpoint(method: .delete, path: "accounts/\(system)/sessions", allowed: [.systemAdministrator]),
            Endpoint(method: .delete, path: "accounts/\(system)", allowed: [.systemAdministrator]),
            Endpoint(method: .get, path: "accounts/\(account)", allowed: Endpoint.own),
            Endpoint(method: .put, path: "accounts/\(account)", body: draft, allowed: Endpoint.own),
            Endpoint(method: .get, path: "accounts/\(account)/export", allowed: Endpoint.own),
            Endpoint(method: .post, path: "accounts/\(account)/one-time-password", allowed: Endpoint.own),
            Endpoint(method: .delete, path: "accounts/\(account)/second-factor", allowed: Endpoint.own),
            Endpoint(method: .delete, path: "accounts/\(account)/sessions", allowed: Endpoint.own),
            Endpoint(method: .delete, path: "accounts/\(account)", allowed: Endpoint.own),
            // What is allowed to no one without more than being signed in: the answer must not be a success either.
            Endpoint(method: .put, path: "profile/password", body: #"{"current":"x","new":"y"}"#, allowed: []),
            Endpoint(method: .post, path: "profile/second-factor", body: shown, allowed: []),
            Endpoint(method: .delete, path: "profile/second-factor", body: shown, allowed: []),
            Endpoint(method: .post, path: "profile/second-factor/recovery-codes", body: shown, allowed: []),
        ]
    }

    @Test("each endpoint answers those who may ask, and refuses all others", arguments: Asker.allCases)
    func matrix(_ asker: Asker) async throws {
        try await withDirectory { url in
            try await IdentityBench.run(directoryURL: url) { bench async throws in
                try await Self.ask(asker, bench)
            }
        }
    }

    private static func ask(_ asker: Asker, _ bench: IdentityBench) async throws {
        let (victim, _) = try await bench.person("victim", [])
        let (system, _) = try await bench.person("root", ["system.admin"])
        try await bench.pool.execute(
            """
            insert into account_picture (account_id, media_type, bytes, digest)
            values (\(victim.account), 'image/png', '\\x00', 'd')
            """)
        let token: String? =
            switch asker {
            case .nobody: nil
            case .guest: "not.a.token"
            case .member: try await bench.person("asker", ["rooms.create"]).token
            case .foreignAdministrator: try await bench.person("asker", ["organization.admin"], of: "other").token
            case .administrator: try await bench.person("asker", ["organization.admin"]).token
            case .systemAdministrator: try await bench.person("asker", ["system.admin"]).token
            }
        for endpoint in Self.endpoints(victim.account, system: system.account) {
            let answer = try await bench.send(
                endpoint.method, endpoint.path, origin: nil, bearer: token,
                contentType: endpoint.body == nil ? nil : "application/json", body: endpoint.body, ifMatch: "*")
            let what = "\(endpoint.method) \(endpoint.path) for \(asker): \(answer.status)"
            if endpoint.allowed.contains(asker) {
                #expect((200..<300).contains(answer.status.code), "\(what)")
            } else if token == nil || asker == .guest {
                #expect(answer.status == .unauthorized, "\(what)")
            } else {
                #expect([401, 403, 404].contains(answer.status.code), "\(what)")
            }
        }
        let isThere = try await AccountStore(pool: bench.pool).find(victim.account, in: Self.demo(bench)) != nil
        #expect(isThere != Endpoint.own.contains(asker), "deleted by those who may, and by nobody else")
    }

    private static func demo(_ bench: IdentityBench) async throws -> OrganizationID {
        try #require(try await OrganizationStore(pool: bench.pool).find(handle: "demo")).id
    }
}
