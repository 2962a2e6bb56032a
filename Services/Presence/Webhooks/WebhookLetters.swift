import Foundation
import ParleyProtocol

/// A message for a webhook, ready to be put into its queue.
struct NewLetter: Sendable {
    let id: WebhookMessageID
    let type: String
    /// Changes in it, or people.
    let events: Int
    let body: [UInt8]

    private init(type: String, events: Int, _ message: some Encodable) throws {
        id = WebhookMessageID("msg_\(UUID().uuidString.lowercased())")
        self.type = type
        self.events = events
        body = try WireJSON.encode(message)
    }

    /// Changes in their order, as many messages as it takes.
    static func changed(
        _ changes: [PeopleChange], of organization: OrganizationID, epoch: String, now: Date = .now
    ) throws -> [NewLetter] {
        try parts(of: changes, size: Limits.webhookEvents).map { changes in
            let events = try changes.map { change in
                WebhookMessage.Event(
                    seq: change.seq,
                    view: try WireJSON.decoder.decode(PresenceView.self, from: Data(change.view)))
            }
            return try NewLetter(
                type: WebhookMessage.Changed.type, events: events.count,
                WebhookMessage.Changed(timestamp: now, organization: organization, epoch: epoch, events: events))
        }
    }

    /// Everybody, in as many parts as it takes; one that is empty for nobody.
    static func snapshot(
        _ snapshot: PeopleSnapshot, of organization: OrganizationID, now: Date = .now
    ) throws -> [NewLetter] {
        let parts = parts(of: try snapshot.decoded().items, size: Limits.webhookItems)
        let isWhole = parts.count <= 1
        return try (parts.isEmpty ? [[]] : parts).enumerated().map { index, items in
            try NewLetter(
                type: WebhookMessage.Snapshot.type, events: items.count,
                WebhookMessage.Snapshot(
                    timestamp: now, organization: organization, epoch: snapshot.epoch, seq: snapshot.seq,
                    part: isWhole ? nil : index + 1, parts: isWhole ? nil : parts.count, items: items))
        }
    }

    private static func parts<Element>(of all: [Element], size: Int) -> [[Element]] {
        stride(from: 0, to: all.count, by: size).map { Array(all[$0..<min($0 + size, all.count)]) }
    }
}
