import Foundation
import HTTPTypes
import Logging
import ParleyProtocol
import Postgres
import ServiceKit
import TestSupport

@testable import PresenceService

/// An organization with a receiver outside.
struct WebhookBench: Sendable {
    let base: TelephoneBench
    let receiver: WebhookReceiver
    let url: String
    let administrator: AccessClaims
    var organization: OrganizationID { administrator.organization }

    static func run(_ body: @escaping @Sendable (WebhookBench) async throws -> Void) async throws {
        try await TelephoneBench.run { base in
            let receiver = WebhookReceiver()
            try await receiver.run { url in
                let administrator = Sample.administrator()
                base.identity.add(administrator.organization)
                try await body(
                    WebhookBench(base: base, receiver: receiver, url: url, administrator: administrator))
            }
        }
    }

    var webhooks: WebhookStore { WebhookStore(pool: base.pool) }
    /// What the subcommands do.
    var administration: WebhookAdministration {
        WebhookAdministration(webhooks: webhooks, vault: base.telephone.pump.vault) {
            try await OrganizationList(identity: base.identityClient).has($0)
        }
    }

    /// - Returns: the secret.
    @discardableResult
    func add(url: String? = nil) async throws -> String {
        try await administration.add(
            organization: organization.rawValue, url: url ?? self.url, name: "Telephone", allowsPlain: true
        ).secret
    }

    func set(_ state: ManualState, text: String? = nil, _ account: AccountID) async throws {
        try await base.set(state, text: text, account, of: organization)
    }

    /// Runs so many processes' pumps, which are quick, for the duration of `body`.
    func withPumps(
        _ count: Int = 1, retry: WebhookRetry = WebhookRetry(pauses: [.milliseconds(20), .milliseconds(20)]),
        timeout: Duration = .seconds(10), logger: Logger = silentLogger(),
        _ body: @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 1...count {
                let pump = WebhookPump(
                    queue: WebhookQueue(pool: base.pool), people: base.people, vault: base.telephone.pump.vault,
                    logger: logger, retry: retry, interval: .milliseconds(20), timeout: timeout)
                group.addTask { try await pump.run() }
            }
            do {
                try await body()
            } catch {
                group.cancelAll()
                throw error
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    /// Waits for so many messages that the receiver has taken.
    func taken(_ count: Int) async throws -> [WebhookReceiver.Call] {
        try await eventually("\(count) messages") {
            let taken = receiver.taken
            return taken.count >= count ? nil : "\(taken.count) were taken"
        }
        return receiver.taken
    }

    /// Lets the receiver be down, until so many messages at least were given up; then nobody sends any more.
    func untilDead(_ count: Int = 1) async throws {
        receiver.setDown(true)
        try await withPumps {
            try await eventually("\(count) dead letters") {
                let dead = try await listed().deadLetters
                return dead >= count ? nil : "\(dead)"
            }
        }
        try await eventually("the end of what was under way") { receiver.isBusy ? "it goes on" : nil }
        receiver.setDown(false)
    }

    /// Waits until the receiver knows what is so.
    func untilRight() async throws {
        try await eventually("the receiver's picture") {
            let snapshot = try await base.people.snapshot(of: organization).decoded()
            let states = Dictionary(
                snapshot.items.filter { $0.state != .offline }.map { ($0.account, $0.state.rawValue) }
            ) { $1 }
            let picture = receiver.picture
            return picture.epoch == snapshot.epoch && picture.states == states ? nil : "\(picture)"
        }
    }

    /// Waits until nothing waits to be delivered.
    func untilEmpty() async throws {
        try await eventually("an empty queue") {
            let waiting = try await listed().waiting
            return waiting == 0 ? nil : "\(waiting) wait"
        }
    }

    /// The webhook, as an administrator sees it.
    func listed() async throws -> WebhookList.Item {
        let list: WebhookList = try await base.send(.get, "webhooks", as: administrator).decode()
        guard let item = list.items.first else { throw TestServerError("no webhook") }
        return item
    }
}
