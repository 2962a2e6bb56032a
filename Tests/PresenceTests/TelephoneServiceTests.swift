import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import ParleyProtocol
import Postgres
import ServiceKit
import TestSupport
import Testing
import WebSockets

@testable import PresenceService

@Suite("Presence for telephone systems, as the service runs", .timeLimit(.minutes(1)))
struct TelephoneServiceTests {
    @Test("a read token reads, and opens nothing else")
    func reads() async throws {
        try await PresenceTestService.withService { service async throws in
            let organization = Sample.organization()
            let administrator = try await service.accessToken(
                organization: organization, permissions: [.administerOrganization])
            let made = try await service.post(
                outer: "/api/presence/read-tokens", ReadTokenDraft(name: "Telephone"), token: administrator)
            let body = Data((made.body ?? ByteBuffer()).readableBytesView)
            let token = try WireJSON.decoder.decode(CreatedReadToken.self, from: body).token
            #expect(try await service.get("/api/presence/people", token: token).status == .ok)
            for path in ["colleagues", "own", "webhooks", "read-tokens"] {
                let answer = try await service.get("/api/presence/\(path)", token: token)
                #expect(answer.status == .unauthorized, "\(path)")
            }
            #expect(try await service.get("/api/presence/webhooks", token: administrator).status == .ok)
        }
    }

    @Test("a stream ends soon after its token was deleted, or its organization was disabled; others go on")
    func ends() async throws {
        try await PresenceTestService.withService { service async throws in
            let (first, second, third) = (
                try await service.readToken(), try await service.readToken(), try await service.readToken()
            )
            var watchers: [Watcher] = []
            for token in [first, second, third] {
                let watcher = try await Watcher.connect(port: service.ports.outer, .init(token: token.token))
                try await watcher.wait(forMessage: "the snapshot") { if case .snapshot = $0 { true } else { false } }
                watchers.append(watcher)
            }
            try await PostgresPool.withPool(service.settings.database, logger: silentLogger()) { pool in
                try await pool.execute("delete from read_token where id = \(first.id)")
                try await pool.execute(
                    """
                    insert into organization (id, is_disabled)
                    select organization_id, true from read_token where id = \(second.id)
                    """)
            }
            #expect(try await watchers[0].closeCode() == CloseCode.signedOut.rawValue)
            #expect(try await watchers[1].closeCode() == CloseCode.signedOut.rawValue)
            #expect(watchers[2].connection.closeCode == nil)
            let again = try await Watcher.connect(port: service.ports.outer, .init(token: second.token))
            #expect(try await again.closeCode() == CloseCode.refused.rawValue)
            #expect(try await service.get("/api/presence/people", token: second.token).status == .unauthorized)
            watchers[2].connection.abort()
        }
    }

    @Test("opening streams is counted with reading")
    func countsStreams() async throws {
        try await PresenceTestService.withService { service async throws in
            let token = try await service.readToken().token
            for _ in 1..<ReadTokenGate.perMinute {
                #expect(try await service.get("/api/presence/people", token: token).status == .ok)
            }
            let last = try await Watcher.connect(port: service.ports.outer, .init(token: token))
            try await last.wait(forMessage: "the welcome") { if case .welcome = $0 { true } else { false } }
            let refused = try await Watcher.connect(port: service.ports.outer, .init(token: token))
            try await refused.wait(forMessage: "the refusal") {
                if case .refused(let refusal) = $0 {
                    refusal.code == .tooManyRequests && (1...60).contains(refusal.retryAfter ?? 0)
                } else {
                    false
                }
            }
            #expect(try await refused.closeCode() == CloseCode.tooManyMessages.rawValue)
            #expect(try await service.get("/api/presence/people", token: token).status == .tooManyRequests)
            last.connection.abort()
        }
    }

    @Test("the service tells its webhooks, and stops in order while it does")
    func tells() async throws {
        let receiver = WebhookReceiver()
        try await receiver.run { url in
            try await PresenceTestService.withService { service async throws in
                let person = PersonKey(organization: Sample.organization(), account: Sample.account())
                try await service.addWebhook(url, of: person.organization)
                try await eventually("a snapshot") { receiver.taken.first?.snapshot == nil ? "none" : nil }
                _ = try await service.set(ManualPresence(state: .busy), of: person)
                try await eventually("the change") {
                    receiver.picture.states == [person.account: "busy"] ? nil : "\(receiver.calls.count) messages"
                }
            }
        }
    }
}

extension PresenceTestService {
    /// Of a new organization.
    func readToken() async throws -> CreatedReadToken {
        let administrator = try await accessToken(
            organization: Sample.organization(), permissions: [.administerOrganization])
        let made = try await post(
            outer: "/api/presence/read-tokens", ReadTokenDraft(name: "Telephone"), token: administrator)
        return try WireJSON.decoder.decode(
            CreatedReadToken.self, from: Data((made.body ?? ByteBuffer()).readableBytesView))
    }

    /// As the operator does it, beside the running service.
    func addWebhook(_ url: String, of organization: OrganizationID) async throws {
        try await PostgresPool.withPool(settings.database, logger: silentLogger()) { pool in
            let administration = WebhookAdministration(
                webhooks: WebhookStore(pool: pool),
                vault: WebhookSecretVault(clusterSecret: settings.service.clusterSecret)
            ) { _ in true }
            _ = try await administration.add(
                organization: organization.rawValue, url: url, name: nil, allowsPlain: true)
        }
    }
}
