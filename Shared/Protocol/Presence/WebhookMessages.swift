import Foundation

/// What is sent to a webhook of an organization: the body of a `POST` with the headers of Standard Webhooks
/// (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
public enum WebhookMessage {
    /// `presence.changed`: changes in their order, at most `Limits.webhookEvents`. After a message that was given up comes a snapshot.
    public struct Changed: Codable, Hashable, Sendable {
        public static let type = "presence.changed"

        public var type = Self.type
        /// When the message was made, not when it was sent, by PostgreSQL's clock. Of two messages to a webhook the later one has the
        /// later timestamp; each attempt to send a message has the same.
        public var timestamp: Date
        public var organization: OrganizationID
        /// Which log of changes: numbers of another one mean nothing here.
        public var epoch: String
        public var events: [Event]

        public init(timestamp: Date, organization: OrganizationID, epoch: String, events: [Event]) {
            self.timestamp = timestamp
            self.organization = organization
            self.epoch = epoch
            self.events = events
        }
    }

    /// One change of what others see of a person.
    public struct Event: Codable, Hashable, Sendable {
        /// Rises by one with each change of the organization.
        public var seq: Int
        public var account: AccountID
        public var state: PresenceState
        public var note: PresenceNote?
        public var text: String?
        public var until: Date?

        public init(seq: Int, view: PresenceView) {
            self.seq = seq
            account = view.account
            state = view.state
            note = view.note
            text = view.text
            until = view.until
        }
    }

    /// `presence.snapshot`: forget what you know, this holds at `seq`. Who is not among the items is offline. With more than
    /// `Limits.webhookItems` people it comes in parts, one after the other; it holds when all have come, and part 1 begins anew.
    public struct Snapshot: Codable, Hashable, Sendable {
        public static let type = "presence.snapshot"

        public var type = Self.type
        public var timestamp: Date
        public var organization: OrganizationID
        public var epoch: String
        public var seq: Int
        /// From 1; absent when there is only one.
        public var part: Int?
        public var parts: Int?
        public var items: [PresenceView]

        public init(
            timestamp: Date, organization: OrganizationID, epoch: String, seq: Int, part: Int? = nil,
            parts: Int? = nil, items: [PresenceView]
        ) {
            self.timestamp = timestamp
            self.organization = organization
            self.epoch = epoch
            self.seq = seq
            self.part = part
            self.parts = parts
            self.items = items
        }
    }
}
