import AsyncHTTPClient
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import ParleyProtocol
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import ServiceKit

@Suite("A whole service", .timeLimit(.minutes(1)))
struct ServeTests {
    private struct Echo: Codable, Equatable {
        var text: String
        var caller: ServiceName?
        var requestID: String?
    }

    private func settings(_ name: ServiceName = .directory) -> ServiceSettings {
        ServiceSettings(name: name, clusterSecret: testSecret)
    }

    /// A directory with a few internal routes.
    private func withDirectory<Result: Sendable>(
        checks: [ReadinessCheck] = [], services: [any Service] = [],
        _ body: @Sendable (ListeningPorts) async throws -> Result
    ) async throws -> Result {
        try await withRunningService { onListening in
            let registry = PrometheusRegistry()
            let router = makePublicRouter(registry: registry)
            router.get("open") { _, _ in try jsonResponse(["hello": "world"]) }
            return serve(
                settings(), publicRouter: router,
                innerRoutes: { $0.get("jwks.json") { _, _ in try jsonResponse(KeySetDocument(keys: [])) } },
                internalRoutes: addInternalRoutes, readiness: checks, services: services, registry: registry,
                handlesSignals: false, logger: silentLogger(), onListening: onListening)
        } _: {
            try await body($0)
        }
    }

    private func addInternalRoutes(_ group: RouterGroup<ServiceRequestContext>) {
        group.post("echo") { request, context -> Response in
            var echo = try await decodeBody(Echo.self, from: request, context: context)
            echo.caller = context.caller
            echo.requestID = context.requestID
            return try jsonResponse(echo)
        }
        group.post("nothing") { _, _ in emptyResponse() }
        group.get("only-signaling") { _, context in try jsonResponse(["caller": context.requireCaller(.signaling)]) }
        group.post("slow") { _, _ -> Response in
            try await Task.sleep(for: .seconds(3))
            return emptyResponse()
        }
        group.post("conflict") { _, _ -> Response in throw ProblemError.conflict(.aliasTaken, "It is taken.") }
        group.get("garbage") { _, _ in Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: "<html>"))) }
    }

    private func get(_ port: Int, _ path: String, bearer: String? = nil) async throws -> (Int, String, HTTPHeaders) {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        if let bearer { request.headers.add(name: "Authorization", value: "Bearer \(bearer)") }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(4))
        let body = try await response.body.collect(upTo: 1 << 20)
        return (Int(response.status.code), String(buffer: body), response.headers)
    }

    private func client(_ port: Int, from: ServiceName = .signaling, to: ServiceName = .directory) -> ServiceClient {
        ServiceClient(
            from: from, to: to, baseURL: "http://127.0.0.1:\(port)/", tokens: ServiceTokens(clusterSecret: testSecret),
            timeout: .seconds(1))
    }

    @Test("health, metrics and inner routes are on the inner listener only")
    func listeners() async throws {
        try await withDirectory(checks: [ReadinessCheck("database") { true }]) { ports in
            #expect(ports.outer != ports.inner)
            #expect(try await get(ports.outer, "/open").0 == 200)
            #expect(try await get(ports.inner, "/open").0 == 404)
            #expect(try await get(ports.inner, "/health/live").0 == 200)
            let ready = try await get(ports.inner, "/health/ready")
            #expect(ready.0 == 200)
            #expect(ready.1 == #"{"checks":{"database":true},"status":"ready"}"#)
            #expect(try await get(ports.inner, "/jwks.json").1 == #"{"keys":[]}"#)
            let metrics = try await get(ports.inner, "/metrics")
            #expect(metrics.2.first(name: "Content-Type") == PrometheusRegistry.contentType)
            #expect(metrics.1.contains(#"parley_http_requests_total{method="GET",route="/open",status="200"} 1"#))
            #expect(metrics.1.contains("process_resident_memory_bytes "))
            for path in ["/health/live", "/health/ready", "/metrics", "/jwks.json", "/internal/echo"] {
                #expect(try await get(ports.outer, path).0 == 404)
            }
        }
    }

    @Test("a check that fails or hangs makes the service not ready")
    func notReady() async throws {
        let checks = [
            ReadinessCheck("good") { true }, ReadinessCheck("bad") { false },
            ReadinessCheck("hanging") {
                await withUnsafeContinuation { (_: UnsafeContinuation<Bool, Never>) in }
            },
        ]
        try await withDirectory(checks: checks) { ports in
            let start = ContinuousClock.now
            let answer = try await get(ports.inner, "/health/ready")
            #expect(answer.0 == 503)
            #expect(answer.1 == #"{"checks":{"bad":false,"good":true,"hanging":false},"status":"not_ready"}"#)
            #expect(ContinuousClock.now - start < .seconds(5))
        }
    }

    @Test("internal routes are for services with a token for this one")
    func guarded() async throws {
        let tokens = ServiceTokens(clusterSecret: testSecret)
        try await withDirectory { ports in
            let path = "/internal/only-signaling"
            #expect(try await get(ports.inner, path).0 == 401)
            #expect(try await get(ports.inner, "/%69nternal/only-signaling").0 != 200)
            #expect(try await get(ports.inner, path, bearer: "x").0 == 401)
            let elsewhere = try await tokens.issue(from: .signaling, to: .presence)
            #expect(try await get(ports.inner, path, bearer: elsewhere).0 == 401)
            let other = try await tokens.issue(from: .presence, to: .directory)
            #expect(try await get(ports.inner, path, bearer: other).0 == 403)
            let right = try await tokens.issue(from: .signaling, to: .directory)
            #expect(try await get(ports.inner, path, bearer: right).0 == 200)
        }
    }

    @Test("a call between services carries its caller and the request's id")
    func calls() async throws {
        try await withDirectory { ports in
            let answer = try await RequestID.$current.withValue("request-0001") {
                try await client(ports.inner).post("/internal/echo", Echo(text: "ü"), as: Echo.self)
            }
            #expect(answer == Echo(text: "ü", caller: .signaling, requestID: "request-0001"))
            try await client(ports.inner).post("/internal/nothing", Echo(text: ""))
            let get = try await client(ports.inner).get("/internal/only-signaling", as: [String: ServiceName].self)
            #expect(get == ["caller": .signaling])
        }
    }

    @Test("a refused, slow or unreadable call says so")
    func failingCalls() async throws {
        try await withDirectory { ports in
            let client = client(ports.inner)
            let conflict = await #expect(throws: ServiceCallError.self) {
                try await client.post("/internal/conflict", Echo(text: ""))
            }
            #expect(conflict?.kind == .refused(status: 409, code: .aliasTaken))
            let slow = await #expect(throws: ServiceCallError.self) {
                try await client.post("/internal/slow", Echo(text: ""))
            }
            #expect(slow?.isUnreachable == true)
            #expect(slow?.problemError.code == .unavailable)
            let garbage = await #expect(throws: ServiceCallError.self) {
                try await client.get("/internal/garbage", as: Echo.self)
            }
            #expect(garbage?.kind == .unreadable)
            let foreign = await #expect(throws: ServiceCallError.self) {
                try await self.client(ports.inner, to: .presence).post("/internal/nothing", Echo(text: ""))
            }
            #expect(foreign?.status == 401)
            #expect(foreign?.code == .unauthenticated)
            #expect(foreign?.problemError.code == .internalError)
        }
    }

    @Test("nobody there is unreachable, soon")
    func nobodyThere() async throws {
        let port = try await withDirectory { $0.inner }
        let start = ContinuousClock.now
        let error = await #expect(throws: ServiceCallError.self) {
            try await client(port).post("/internal/nothing", Echo(text: ""))
        }
        #expect(error?.isUnreachable == true)
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test("at shutdown readiness turns first, running requests end, then everything stops")
    func shutdown() async throws {
        let started = Mutex(false)
        let stopped = Mutex(false)
        var settings = settings()
        settings.drain = .seconds(1)
        let (portStream, found) = AsyncStream.makeStream(of: ListeningPorts.self)
        let router = makePublicRouter(registry: PrometheusRegistry())
        router.get("long") { _, _ -> Response in
            started.withLock { $0 = true }
            try await Task.sleep(for: .seconds(2))
            return try jsonResponse(["done": true])
        }
        let group = serve(
            settings, publicRouter: router, services: [Beside { stopped.withLock { $0 = true } }],
            registry: PrometheusRegistry(), handlesSignals: false, logger: silentLogger(),
            onListening: { found.yield($0) })
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let ports = try #require(await portStream.first { _ in true })
            async let long = get(ports.outer, "/long")
            try await eventually("the request runs") { started.withLock { $0 } ? nil : "not yet" }
            await group.triggerGracefulShutdown()
            try await eventually("readiness turns") {
                let ready = try await get(ports.inner, "/health/ready")
                return ready.0 == 503 && ready.1.contains("stopping") ? nil : ready.1
            }
            #expect(!stopped.withLock { $0 })
            #expect(try await long.1 == #"{"done":true}"#)
            try await tasks.waitForAll()
            #expect(stopped.withLock { $0 })
            await #expect(throws: (any Error).self) { try await get(ports.outer, "/long") }
        }
    }

    @Test("a request that does not end in time does not keep the process")
    func shutdownLimit() async throws {
        let router = makePublicRouter(registry: PrometheusRegistry())
        router.get("endless") { _, _ -> Response in
            try await Task.sleep(for: .seconds(50))
            return emptyResponse()
        }
        let start = ContinuousClock.now
        try await withRunningService { onListening in
            serve(
                settings(), publicRouter: router, registry: PrometheusRegistry(), handlesSignals: false,
                shutdownLimit: .seconds(1), logger: silentLogger(), onListening: onListening)
        } _: { ports in
            let endless = Task { try await get(ports.outer, "/endless") }
            try await Task.sleep(for: .milliseconds(300))
            endless.cancel()
        }
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test("a service that can't have its port ends with an error")
    func portTaken() async throws {
        try await withDirectory { ports in
            var settings = settings()
            settings.port = ports.outer
            let group = serve(
                settings, publicRouter: makePublicRouter(registry: PrometheusRegistry()),
                registry: PrometheusRegistry(), handlesSignals: false, logger: silentLogger())
            await #expect(throws: (any Error).self) { try await group.run() }
        }
    }

    private struct Beside: Service {
        let stopped: @Sendable () -> Void

        func run() async throws {
            try await gracefulShutdown()
            stopped()
        }
    }
}
