import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import ParleyProtocol
import Postgres
import Redis
import ServiceKit
import Testing

@Suite("Errors over HTTP", .timeLimit(.minutes(1)))
struct ProblemTests {
    private struct Unexpected: Error, CustomStringConvertible {
        var description: String { "the database password is hunter2" }
    }

    private struct Order: Codable {
        var name: String
        var count: Int
    }

    private func router() -> Router<ServiceRequestContext> {
        let router = freshRouter()
        router.get("breaks") { _, _ -> Response in throw Unexpected() }
        router.get("busy") { _, _ -> Response in throw ProblemError.tooManyRequests(retryAfter: .milliseconds(1_200)) }
        router.get("away/redis") { _, _ -> Response in throw RedisError(.connection, "10.0.0.7 is away") }
        router.get("away/postgres") { _, _ -> Response in throw PostgresError(.poolExhausted, "10.0.0.7 is away") }
        router.get("bad/postgres") { _, _ -> Response in throw PostgresError(.sqlState("42P01"), "no table x") }
        router.get("library/:code") { _, context -> Response in
            throw HTTPError(.init(code: Int(try context.parameter("code")) ?? 0), message: "internal words")
        }
        router.get("invalid") { _, _ -> Response in throw ProblemError.validation([FieldProblem("alias", .taken)]) }
        router.post("orders") { request, context -> Response in
            let order = try await decodeBody(Order.self, from: request, context: context)
            return try jsonResponse(order, status: .created)
        }
        router.get("page") { request, _ -> Response in
            try jsonResponse(["limit": request.queryInt("limit", in: 1...100, default: 20)])
        }
        return router
    }

    private func get(_ path: String, method: HTTPRequest.Method = .get) async throws -> TestResponse {
        try await application(router()).test(.router) { client in
            try await client.execute(uri: path, method: method)
        }
    }

    private func post(_ body: String, contentType: String? = "application/json") async throws -> TestResponse {
        var headers: HTTPFields = [:]
        headers[.contentType] = contentType
        return try await application(router()).test(.router) { [headers] client in
            try await client.execute(uri: "/orders", method: .post, headers: headers, body: ByteBuffer(string: body))
        }
    }

    @Test("an unknown error is 500 without any detail, and logged")
    func unknownError() async throws {
        let lines = LogLines()
        try await application(router(), logger: lines.logger()).test(.router) { client in
            let response = try await client.execute(uri: "/breaks", method: .get)
            #expect(response.status == .internalServerError)
            #expect(response.headers[.contentType] == "application/problem+json")
            #expect(response.problem?.code == .internalError)
            #expect(response.problem?.detail == nil)
            #expect(!String(buffer: response.body).contains("hunter2"))
        }
        let event = try #require(lines.objects.first { $0["level"] as? String == "error" })
        #expect(event["http.route"] as? String == "/breaks")
        #expect(event["request.id"] is String)
    }

    @Test("unknown paths are 404, known paths with another method 405 with Allow")
    func unknownPlaces() async throws {
        let missing = try await get("/nowhere")
        #expect(missing.status == .notFound)
        #expect(missing.problem?.code == .notFound)
        let method = try await get("/orders")
        #expect(method.status == .methodNotAllowed)
        #expect(method.problem?.code == .methodNotAllowed)
        #expect(method.headers[.allow] == "POST")
        #expect(try await get("/busy", method: .delete).headers[.allow] == "GET")
    }

    @Test("problems carry their status, code, fields and Retry-After")
    func problems() async throws {
        let busy = try await get("/busy")
        #expect(busy.status == .tooManyRequests)
        #expect(busy.headers[.retryAfter] == "2")
        #expect(busy.problem?.retryAfter == 2)
        #expect(busy.problem?.status == 429)
        let invalid = try await get("/invalid")
        #expect(invalid.problem?.code == .validationFailed)
        #expect(invalid.problem?.fields == [FieldProblem("alias", .taken)])
    }

    @Test("a store that is away is 503 with Retry-After; its other errors are ours")
    func stores() async throws {
        for path in ["/away/redis", "/away/postgres"] {
            let response = try await get(path)
            #expect(response.status == .serviceUnavailable)
            #expect(response.problem?.code == .unavailable)
            #expect(response.headers[.retryAfter] != nil)
            #expect(!String(buffer: response.body).contains("10.0.0.7"))
        }
        #expect(try await get("/bad/postgres").problem?.code == .internalError)
    }

    @Test(
        "errors of the HTTP library become problems without its words",
        arguments: [
            (400, ErrorCode.badRequest), (401, .unauthenticated), (403, .forbidden), (404, .notFound),
            (405, .methodNotAllowed), (409, .conflict), (413, .payloadTooLarge), (415, .unsupportedMediaType),
            (418, .badRequest), (422, .validationFailed), (429, .tooManyRequests), (503, .unavailable),
            (500, .internalError),
        ])
    func library(_ status: Int, _ code: ErrorCode) async throws {
        let response = try await get("/library/\(status)")
        #expect(response.status.code == status)
        #expect(response.problem?.code == code)
        #expect(!String(buffer: response.body).contains("internal words"))
    }

    @Test("a good body is taken, whatever the spelling of its content type")
    func goodBody() async throws {
        for type in ["application/json", "Application/JSON; charset=UTF-8"] {
            let response = try await post(#"{"name": "x", "count": 1, "unknown": []}"#, contentType: type)
            #expect(response.status == .created)
            #expect(response.headers[.contentType] == "application/json")
            #expect(String(buffer: response.body) == #"{"count":1,"name":"x"}"#)
        }
    }

    @Test(
        "a bad body is 400 and says what is the matter",
        arguments: [
            ("", nil), ("{", nil), (#"{"name":"x","count":1,"name":"y"}"#, nil), ("[]", nil), ("\u{FEFF}{}", nil),
            (#"{"name":"x","count":1} x"#, nil), (String(repeating: "[", count: 5_000), nil),
            (#"{"name":"x"}"#, FieldProblem("count", .missing)),
            (#"{"name":"x","count":null}"#, FieldProblem("count", .missing)),
            (#"{"name":7,"count":1}"#, FieldProblem("name", .badFormat)),
            (#"{"name":"x","count":1e400}"#, nil),
            (#"{"name":"x","count":1.5}"#, nil),
        ] as [(String, FieldProblem?)])
    func badBody(_ body: String, _ field: FieldProblem?) async throws {
        let response = try await post(body)
        #expect(response.status == .badRequest)
        #expect(response.problem?.code == .badRequest)
        #expect(response.problem?.detail != nil)
        if let field { #expect(response.problem?.fields == [field]) }
    }

    @Test("a body that is too large is 413, one that is no JSON 415")
    func refusedBodies() async throws {
        let large = #"{"name":"\#(String(repeating: "x", count: Limits.requestBody))","count":1}"#
        #expect(try await post(large).problem?.code == .payloadTooLarge)
        for type in [
            nil, "text/plain", "application/x-www-form-urlencoded", "application/jsonp",
            "application/json; charset=latin1",
        ] {
            let response = try await post(#"{"name":"x","count":1}"#, contentType: type)
            #expect(response.status == .unsupportedMediaType)
            #expect(response.problem?.code == .unsupportedMediaType)
        }
    }

    @Test("numbers of the query are checked")
    func query() async throws {
        #expect(try await get("/page?limit=7").status == .ok)
        #expect(try await get("/page").status == .ok)
        for bad in ["0", "101", "x", "99999999999999999999", "-1", ""] {
            #expect(try await get("/page?limit=\(bad)").problem?.code == .validationFailed)
        }
    }
}
