import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import ParleyProtocol
import Testing

@testable import ServiceKit

@Suite("Middleware", .timeLimit(.minutes(1)))
struct MiddlewareTests {
    private func router(trusting proxies: TrustedProxies = .loopback) -> Router<ServiceRequestContext> {
        let router = makePublicRouter(trustedProxies: proxies, registry: PrometheusRegistry())
        router.get("who/:id") { _, context -> Response in
            context.logger.info("in the route")
            Logger.current.info("by the task")
            return try jsonResponse([
                "id": context.parameter("id"), "client": context.clientAddress ?? "", "request": context.requestID,
                "task": RequestID.current ?? "",
            ])
        }
        return router
    }

    private func who(
        _ headers: HTTPFields, trusting proxies: TrustedProxies = .loopback, lines: LogLines = LogLines(),
        path: String = "/who/a%20b"
    ) async throws -> (TestResponse, [String: String]) {
        try await application(router(trusting: proxies), logger: lines.logger()).test(.live) { client in
            let response = try await client.execute(uri: path, method: .get, headers: headers)
            let body = try? JSONDecoder().decode([String: String].self, from: Data(response.body.readableBytesView))
            return (response, body ?? [:])
        }
    }

    @Test("a trusted proxy gives the request id and the address; both reach route, logs and answer")
    func trusted() async throws {
        let lines = LogLines()
        let (response, body) = try await who(
            [.requestID: "gateway-0001", .forwardedFor: "203.0.113.7"], lines: lines)
        #expect(response.headers[.requestID] == "gateway-0001")
        #expect(body == ["id": "a b", "client": "203.0.113.7", "request": "gateway-0001", "task": "gateway-0001"])
        let events = lines.objects.filter { $0["request.id"] as? String == "gateway-0001" }
        #expect(events.map { $0["message"] as? String } == ["in the route", "by the task", "Request handled"])
    }

    @Test("others can't choose their request id or address")
    func untrusted() async throws {
        let (response, body) = try await who(
            [.requestID: "attacker-001", .forwardedFor: "203.0.113.7"], trusting: TrustedProxies())
        #expect(response.headers[.requestID] == body["request"])
        #expect(body["request"] != "attacker-001")
        #expect(body["client"] == "127.0.0.1")
        let (_, odd) = try await who([.requestID: "bad id with spaces"])
        #expect(odd["request"]?.utf8.count == 32)
    }

    @Test("the log shows the pattern of the route, never the path")
    func noPaths() async throws {
        let lines = LogLines()
        _ = try await who([:], lines: lines, path: "/who/s3cret-ticket?pin=4711")
        _ = try await who([:], lines: lines, path: "/s3cret-ticket?pin=4711")
        let handled = lines.objects.filter { $0["message"] as? String == "Request handled" }
        #expect(handled.map { $0["http.route"] as? String } == ["/who/{id}", "unmatched"])
        #expect(handled.map { $0["http.status"] as? Int } == [200, 404])
        #expect(handled.allSatisfy { $0["duration_ms"] is Int && $0["http.method"] as? String == "GET" })
        #expect(!lines.all.contains { $0.contains("s3cret") || $0.contains("4711") })
    }

    @Test("every answer has the security headers, errors too")
    func securityHeaders() async throws {
        for path in ["/who/x", "/nowhere"] {
            let (response, _) = try await who([:], path: path)
            #expect(response.headers[.cacheControl] == "no-store")
            #expect(response.headers[.contentTypeOptions] == "nosniff")
        }
    }

    @Test("requests are counted by method, route and status, with a bounded set of labels")
    func metrics() async throws {
        let registry = PrometheusRegistry()
        let router = makePublicRouter(registry: registry)
        router.get("who/:id") { _, _ in emptyResponse() }
        try await application(router).test(.router) { client in
            for id in 0..<5 { _ = try await client.execute(uri: "/who/\(id)", method: .get) }
            for id in 0..<5 { _ = try await client.execute(uri: "/nowhere/\(id)", method: .get) }
            let odd = try #require(HTTPRequest.Method("BREW"))
            _ = try await client.execute(uri: "/who/1", method: odd)
        }
        let text = registry.text()
        #expect(text.contains(#"parley_http_requests_total{method="GET",route="/who/{id}",status="204"} 5"#))
        #expect(text.contains(#"parley_http_requests_total{method="GET",route="unmatched",status="404"} 5"#))
        #expect(text.contains(#"parley_http_requests_total{method="OTHER",route="unmatched",status="404"} 1"#))
        #expect(text.contains(#"parley_http_request_duration_seconds_count{method="GET",route="/who/{id}"} 5"#))
        #expect(text.contains("parley_http_requests_active 0\n"))
    }

    @Test("a bearer token makes the account known; permissions are asked for")
    func bearer() async throws {
        let signer = try makeSigner()
        let verifier = await AccessTokenVerifier(keySet: KeySetDocument(keys: [signer.publicKey]))
        let router = freshRouter(accessTokens: verifier)
        router.get("me") { _, context in try jsonResponse(context.requireAccount()) }
        router.get("admin") { _, context -> Response in
            try context.requirePermission(.administerSystem)
            return emptyResponse()
        }
        router.get("open") { _, _ in emptyResponse() }
        let token = try await signer.sign(someAccount())
        try await application(router).test(.router) { client in
            func status(_ path: String, _ authorization: String?) async throws -> TestResponse {
                var headers: HTTPFields = [:]
                headers[.authorization] = authorization
                return try await client.execute(uri: path, method: .get, headers: headers)
            }
            let me = try await status("/me", "Bearer \(token)")
            #expect(me.status == .ok)
            #expect(
                try WireJSON.decoder.decode(AccessClaims.self, from: Data(me.body.readableBytesView)) == someAccount())
            #expect(try await status("/admin", "bearer \(token)").problem?.code == .forbidden)
            #expect(try await status("/open", nil).status == .noContent)
            for bad in ["Bearer", "Bearer ", "Bearer x.y.z", "Basic \(token)", token, "Bearer \(token) \(token)"] {
                let refused = try await status("/open", bad)
                #expect(refused.status == .unauthorized)
                #expect(refused.problem == (try await status("/me", nil)).problem)
                #expect(refused.headers[.wwwAuthenticate] == "Bearer")
            }
        }
    }
}
