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
    /// As the operator does it, beside the running service.
    func addWebhook(_ url: String, of organization: OrganizationID) async throws {
        try await PostgresPool.withPool(settings.database, logger: silentLogger()) { pool in
            let administration = WebhookAdministration(
                webhooks: WebhookStore(pool: pool),
                vault: WebhookSecretVault(clusterSecret: settings.service.clusterSecret))
            _ = try await administration.add(
                organization: organization.rawValue, url: url, name: nil, allowsPlain: true)
        }
    }
}
