import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import ParleyProtocol
import Postgres
import Redis
import ServiceKit
import Synchronization
import TestSupport

@testable import PresenceService

/// What presence has for telephone systems, with a database of its own, behind a real socket.
struct TelephoneBench: Sendable {
    static let secret = [UInt8]("the secret that all services share, in tests".utf8)

    let pool: PostgresPool
    let redis: TestRedis
    let redisClient: RedisClient
    let people: People
    let telephone: TelephoneParts
    let identity: NamesStandIn
    let identityClient: ServiceClient
    private let client: any TestClientProtocol
    private let signer: AccessTokenSigner

    static func run(_ body: @escaping @Sendable (TelephoneBench) async throws -> Void) async throws {
        let signer = try AccessTokenSigner(privateKeyPEM: AccessTokenSigner.generatePrivateKey())
        let verifier = await AccessTokenVerifier(keySet: KeySetDocument(keys: [signer.publicKey]))
        let identity = NamesStandIn()
        try await TestDatabase.withPool(migrator: presenceMigrator, maximumConnections: 8) { pool in
            try await TestRedis.withClient { redis, redisClient in
                try await identity.run { port in
                    let people = People(
                        store: PeopleStore(redis: redisClient, prefix: redis.prefix),
                        settings: PersonSettingsStore(pool: pool))
                    let identityClient = ServiceClient(
                        from: .presence, to: .identity, baseURL: "http://127.0.0.1:\(port)",
                        tokens: ServiceTokens(clusterSecret: secret))
                    let telephone = TelephoneParts(
                        pool: pool, redis: redisClient, people: people, identity: identityClient,
                        clusterSecret: secret, keyPrefix: redis.prefix, logger: silentLogger())
                    let router = makePublicRouter()
                    telephone.addReading(to: router)
                    router.add(middleware: AuthMiddleware(verifier))
                    telephone.addAdministration(to: router.group("api/presence"))
                    let application = Application(
                        router: router.refusingOtherMethods(),
                        configuration: .init(address: .hostname("127.0.0.1", port: 0)), logger: silentLogger())
                    try await application.test(.live) { client in
                        try await body(
                            TelephoneBench(
                                pool: pool, redis: redis, redisClient: redisClient, people: people,
                                telephone: telephone, identity: identity, identityClient: identityClient,
                                client: client, signer: signer))
                    }
                }
            }
        }
    }

    func send(
        _ method: HTTPRequest.Method, _ path: String, _ body: (any Encodable)? = nil, as account: AccessClaims
    ) async throws -> TestResponse {
        try await send(method, path, body, token: try await signer.sign(account))
    }

    func send(
        _ method: HTTPRequest.Method, _ path: String, _ body: (any Encodable)? = nil, token: String?
    ) async throws -> TestResponse {
        var headers: HTTPFields = [:]
        if let token { headers[.authorization] = "Bearer \(token)" }
        var buffer: ByteBuffer?
        if let body {
            headers[.contentType] = "application/json"
            buffer = ByteBuffer(bytes: try WireJSON.encode(body))
        }
        return try await client.executeRequest(
            uri: "/api/presence/\(path)", method: method, headers: headers, body: buffer)
    }

    func readToken(of administrator: AccessClaims, name: String = "Telephone") async throws -> CreatedReadToken {
        try await send(.post, "read-tokens", ReadTokenDraft(name: name), as: administrator).decode(.created)
    }

    /// Lets a person be seen in this state, without any device.
    func set(_ state: ManualState, text: String? = nil, _ account: AccountID, of organization: OrganizationID)
        async throws
    {
        try await people.set(
            ManualPresence(state: state, text: text), of: PersonKey(organization: organization, account: account))
    }
}

/// What of identity presence talks to: who accounts are.
final class NamesStandIn: Sendable {
    private struct State {
        var names: [OrganizationID: [AccountID: String]] = [:]
        var questions: [Int] = []
        var organizations: [OrganizationStates.Item] = []
    }

    private let state = Mutex(State())

    /// Of each question so far, how many accounts it was about.
    var questions: [Int] { state.withLock { $0.questions } }

    /// There is this organization, and it is listed on a page of its own.
    func add(_ organization: OrganizationID, disabled: Bool = false) {
        state.withLock { state in
            state.organizations.removeAll { $0.organization == organization }
            state.organizations.append(.init(organization: organization, disabled: disabled, attendance: false))
            state.organizations.sort { $0.organization.rawValue < $1.organization.rawValue }
        }
    }

    /// There is an account with this user name.
    func add(_ name: String, _ account: AccountID, to organization: OrganizationID) {
        state.withLock { $0.names[organization, default: [:]][account] = name }
    }

    func run(_ body: @escaping @Sendable (Int) async throws -> Void) async throws {
        let router = Router(context: ServiceRequestContext.self)
        let tokens = ServiceTokens(clusterSecret: TelephoneBench.secret)
        let group = router.group("internal").add(
            middleware: ServiceAuthMiddleware(audience: .identity, tokens: tokens))
        group.get("organizations") { request, context in
            try context.requireCaller(.presence)
            let after = try request.queryText("after") ?? ""
            let left = self.state.withLock { $0.organizations.filter { $0.organization.rawValue > after } }
            return try jsonResponse(
                OrganizationStates(
                    items: Array(left.prefix(1)), next: left.count > 1 ? left.first?.organization : nil))
        }
        group.post("organizations/{organization}/accounts") { request, context in
            try context.requireCaller(.presence)
            let organization = OrganizationID(try context.parameter("organization"))
            let query = try await decodeBody(AccountQuery.self, from: request, context: context)
            guard query.accounts.count <= 100 else { throw ProblemError.validation([.init("accounts", .tooLong)]) }
            let names = self.state.withLock { state in
                state.questions.append(query.accounts.count)
                return state.names[organization] ?? [:]
            }
            return try jsonResponse(
                AccountCards(
                    accounts: query.accounts.compactMap { account in
                        names[account].map {
                            AccountCards.Card(
                                account: account, userName: $0, displayName: $0.capitalized, email: nil,
                                language: "en")
                        }
                    }))
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)), logger: silentLogger())
        try await application.test(.live) { client in
            guard let port = client.port else { throw TestServerError("no port") }
            try await body(port)
        }
    }
}

extension Sample {
    /// An administrator of a new organization, unless it is given.
    static func administrator(of organization: OrganizationID = organization()) -> AccessClaims {
        member(of: organization, permissions: [.administerOrganization])
    }

    static func member(
        of organization: OrganizationID = organization(), permissions: [Permission] = []
    ) -> AccessClaims {
        AccessClaims(
            account: account(), organization: organization, session: SessionID(UUID().uuidString.lowercased()),
            displayName: "Ada", permissions: permissions)
    }
}

extension TestResponse {
    /// The body, if the status is the wanted one.
    func decode<T: Decodable>(_ wanted: HTTPResponse.Status = .ok, as type: T.Type = T.self) throws -> T {
        guard status == wanted else { throw TestServerError("\(status): \(String(buffer: body))") }
        return try WireJSON.decoder.decode(T.self, from: Data(body.readableBytesView))
    }

    /// Status and code of a problem, such as `404 not_found`.
    var problem: String {
        guard let problem = try? WireJSON.decoder.decode(Problem.self, from: Data(body.readableBytesView)) else {
            return "\(status.code)"
        }
        return "\(status.code) \(problem.code.rawValue)"
    }
}
