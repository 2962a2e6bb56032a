import Foundation
import ParleyProtocol

/// A message for a webhook, ready to be put into its queue.
struct NewLetter: Sendable {
    let id: WebhookMessageID
    let type: String
    /// Changes in it, or people.
    let events: Int
    let timestamp: Date
    let body: [UInt8]

    private init(type: String, events: Int, _ timestamp: Date, _ message: some Encodable) throws {
        id = WebhookMessageID("msg_\(UUID().uuidString.lowercased())")
        self.type = type
        self.events = events
        self.timestamp = timestamp
        body = try WireJSON.encode(message)
    }

    /// Changes in their order, as many messages as it takes. Those that can't be read, of a newer release, are left out.
    /// - Parameter timestamp: of the first message; each has one of its own.
    static func changed(
        _ changes: [PeopleChange], of organization: OrganizationID, epoch: String, from timestamp: Date
    ) throws -> [NewLetter] {
        let events = changes.compactMap { change in
            RawPresenceView.decoded(change.view).map { WebhookMessage.Event(seq: change.seq, view: $0) }
        }
        return try parts(of: events, size: Limits.webhookEvents).enumerated().map { index, events in
            let timestamp = time(index, after: timestamp)
            return try NewLetter(
                type: WebhookMessage.Changed.type, events: events.count, timestamp,
                WebhookMessage.Changed(
                    timestamp: timestamp, organization: organization, epoch: epoch, events: events))
        }
    }

    /// Everybody, in as many parts as it takes; one that is empty for nobody.
    /// - Parameter timestamp: of the first message; each has one of its own.
    static func snapshot(
        _ snapshot: PeopleSnapshot, of organization: OrganizationID, from timestamp: Date
    ) throws -> [NewLetter] {
        let parts = parts(of: snapshot.decoded().items, size: Limits.webhookItems)
        let isWhole = parts.count <= 1
        return try (parts.isEmpty ? [[]] : parts).enumerated().map { index, items in
            let timestamp = time(index, after: timestamp)
            return try NewLetter(
                type: WebhookMessage.Snapshot.type, events: items.count, timestamp,
                WebhookMessage.Snapshot(
                    timestamp: timestamp, organization: organization, epoch: snapshot.epoch, seq: snapshot.seq,
                    part: isWhole ? nil : index + 1, parts: isWhole ? nil : parts.count, items: items))
        }
    }

    /// As bodies have milliseconds.
    private static func time(_ index: Int, after timestamp: Date) -> Date {
        timestamp.addingTimeInterval(Double(index) / 1_000)
    }

    private static func parts<Element>(of all: [Element], size: Int) -> [[Element]] {
        stride(from: 0, to: all.count, by: size).map { Array(all[$0..<min($0 + size, all.count)]) }
    }
}
