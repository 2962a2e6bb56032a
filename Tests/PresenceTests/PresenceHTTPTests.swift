import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ParleyProtocol
import ServiceKit
import TestSupport
import Testing

@Suite("Presence over HTTP", .timeLimit(.minutes(1)))
struct PresenceHTTPTests {
    private static let grant = "/internal/meeting-leases"
    private static let release = "/internal/meeting-leases/release"
    private static let colleagues = "/api/presence/colleagues"

    private func problem(_ response: Answer) throws -> Problem {
        #expect(response.headers[.contentType] == Problem.contentType)
        return try WireJSON.decoder.decode(Problem.self, from: Data((response.body ?? ByteBuffer()).readableBytesView))
    }

    @Test("colleagues see somebody busy, in a meeting, until the last of two meetings ends; strangers see nothing")
    func busy() async throws {
        try await PresenceTestService.withService { service async throws in
            let first = Sample.lease()
            let second = Sample.lease(account: first.account, organization: first.organization)
            let busy = [PresenceView(account: first.account, seen: .inMeeting)]
            #expect(try await service.snapshot(organization: first.organization).items.isEmpty)
            #expect(try await service.post(Self.grant, [first, second]).status == .noContent)
            #expect(try await service.snapshot(organization: first.organization).items == busy)
            #expect(try await service.snapshot(organization: Sample.organization()).items.isEmpty)
            #expect(try await service.post(Self.release, [first]).status == .noContent)
            #expect(try await service.snapshot(organization: first.organization).items == busy)
            #expect(try await service.post(Self.release, [second]).status == .noContent)
            #expect(try await service.snapshot(organization: first.organization).items.isEmpty)
        }
    }

    @Test("who has not signed in sees nothing")
    func anonymous() async throws {
        try await PresenceTestService.withService { service async throws in
            for token in [nil, "nonsense", try await service.serviceToken(from: .signaling, to: .presence)] {
                let response = try await service.get(Self.colleagues, token: token)
                #expect(response.status == .unauthorized)
                #expect(try problem(response).code == .unauthenticated)
            }
        }
    }

    @Test("only signaling may speak of meetings, with a token for presence")
    func callers() async throws {
        try await PresenceTestService.withService { service async throws in
            let lease = Sample.lease()
            let body = try WireJSON.encode(MeetingLeases(leases: [lease]))
            for path in [Self.grant, Self.release] {
                for other in [ServiceName.identity, .directory, .presence] {
                    let response = try await service.post(path, [lease], from: other)
                    #expect(response.status == .forbidden)
                    #expect(try problem(response).code == .forbidden)
                }
                let person = try await service.accessToken(organization: lease.organization)
                let elsewhere = try await service.serviceToken(from: .signaling, to: .directory)
                for token in [nil, person, elsewhere] {
                    let response = try await service.post(path, body: body, token: token)
                    #expect(response.status == .unauthorized)
                }
            }
            #expect(try await service.snapshot(organization: lease.organization).items.isEmpty)
        }
    }

    @Test("internal routes are not on the public listener")
    func separation() async throws {
        try await PresenceTestService.withService { service async throws in
            for path in [Self.grant, "/health/ready", "/metrics"] {
                #expect(try await service.get(path, token: nil).status == .notFound)
            }
            try await eventually("readiness") {
                let status = try await service.inner("/health/ready").status
                return status == .ok ? nil : "\(status)"
            }
            #expect(try await service.inner("/metrics").status == .ok)
        }
    }

    @Test("a request that cannot be accepted changes nothing", arguments: [grant, release])
    func refusals(path: String) async throws {
        try await PresenceTestService.withService { service async throws in
            let good = Sample.lease()
            let bad = MeetingLease(
                participant: Sample.participant(), account: AccountID("somebody"), organization: good.organization)
            let mixed = try await service.post(path, [good, bad])
            #expect(mixed.status == .badRequest)
            #expect(try problem(mixed).code == .validationFailed)
            let tooMany = (0...1_000).map { _ in good }
            #expect(try await service.post(path, tooMany).status == .badRequest)
            let token = try await service.serviceToken(from: .signaling, to: .presence)
            for text in ["", "{", "[]", "{}", #"{"leases":[{}]}"#, #"{"leases":[],"leases":[]}"#] {
                let response = try await service.post(path, body: Array(text.utf8), token: token)
                #expect(response.status == .badRequest)
                #expect(try problem(response).code == .badRequest)
            }
            #expect(try await service.snapshot(organization: good.organization).items.isEmpty)
        }
    }

    @Test("while Redis is away the answer is 503 and says when to come back, then all is well again")
    func redisAway() async throws {
        try await RedisServerProcess.withServer { server async throws in
            try await PresenceTestService.withService(redisURL: server.url, commandTimeout: .seconds(1)) {
                service async throws in
                let lease = Sample.lease()
                await server.kill()
                let token = try await service.accessToken(organization: lease.organization)
                let read = try await service.get(Self.colleagues, token: token)
                #expect(read.status == .serviceUnavailable && read.headers[.retryAfter] != nil)
                #expect(try problem(read).code == .unavailable)
                #expect(try await service.post(Self.grant, [lease]).status == .serviceUnavailable)
                #expect(try await service.inner("/health/ready").status == .serviceUnavailable)
                #expect(try await service.inner("/health/live").status == .ok)
                try await server.start()
                try await eventually("leases are granted again") {
                    try await service.post(Self.grant, [lease]).status == .noContent ? nil : "no lease yet"
                }
                #expect(try await service.snapshot(organization: lease.organization).items.count == 1)
            }
        }
    }
}
