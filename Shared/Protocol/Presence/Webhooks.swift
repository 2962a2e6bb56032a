import Foundation

extension Subject {
    public enum Webhook: Sendable {}
    public enum WebhookMessage: Sendable {}
}

/// A UUID in lower case.
public typealias WebhookID = Identifier<Subject.Webhook>
/// `msg_` and a UUID in lower case; the header `webhook-id` of every attempt to deliver it.
public typealias WebhookMessageID = Identifier<Subject.WebhookMessage>

/// Why a message could not be delivered.
public struct WebhookFailure: Codable, Hashable, Sendable {
    public enum Reason: String, Codable, CaseIterable, Sendable {
        /// Answered with a status that is not 2xx; redirects are not followed.
        case refused
        case timedOut = "timed_out"
        /// No connection, or none that can be trusted.
        case unreachable
        /// The secret can't be read any more: the cluster secret has changed since it was made.
        case secretUnreadable = "secret_unreadable"
    }

    public var at: Date
    public var reason: Reason
    /// With `refused`.
    public var status: Int?

    public init(at: Date, reason: Reason, status: Int? = nil) {
        self.at = at
        self.reason = reason
        self.status = status
    }
}

/// `GET /api/presence/webhooks`: those of one's own organization, the oldest first.
public struct WebhookList: Codable, Hashable, Sendable {
    public struct Item: Codable, Hashable, Sendable {
        public var id: WebhookID
        public var name: String
        /// Scheme, host and port: in the rest may be secrets.
        public var url: String
        public var createdAt: Date
        /// False after the receiver has answered 410 (Gone), until the operator enables it.
        public var isEnabled: Bool
        /// Messages that are still to be delivered.
        public var waiting: Int
        public var deadLetters: Int
        public var lastDeliveredAt: Date?
        public var lastFailure: WebhookFailure?

        public init(
            id: WebhookID, name: String, url: String, createdAt: Date, isEnabled: Bool, waiting: Int, deadLetters: Int,
            lastDeliveredAt: Date? = nil, lastFailure: WebhookFailure? = nil
        ) {
            self.id = id
            self.name = name
            self.url = url
            self.createdAt = createdAt
            self.isEnabled = isEnabled
            self.waiting = waiting
            self.deadLetters = deadLetters
            self.lastDeliveredAt = lastDeliveredAt
            self.lastFailure = lastFailure
        }
    }

    public var items: [Item]

    public init(items: [Item]) {
        self.items = items
    }
}

/// `GET /api/presence/webhooks/{id}/dead-letters?limit=&cursor=`: messages that were given up, the newest first. Each stays until an
/// administrator lets everything be told anew instead, or it is too old.
public struct DeadLetterList: Codable, Hashable, Sendable {
    public struct Item: Codable, Hashable, Sendable {
        public var id: WebhookMessageID
        public var type: String
        /// Changes in it, or people of a snapshot.
        public var events: Int
        public var createdAt: Date
        public var failedAt: Date
        public var attempts: Int
        public var lastFailure: WebhookFailure

        public init(
            id: WebhookMessageID, type: String, events: Int, createdAt: Date, failedAt: Date, attempts: Int,
            lastFailure: WebhookFailure
        ) {
            self.id = id
            self.type = type
            self.events = events
            self.createdAt = createdAt
            self.failedAt = failedAt
            self.attempts = attempts
            self.lastFailure = lastFailure
        }
    }

    public var items: [Item]
    /// What to ask for with `cursor` to get the next page; absent on the last one.
    public var nextCursor: String?

    public init(items: [Item], nextCursor: String? = nil) {
        self.items = items
        self.nextCursor = nextCursor
    }
}

/// `GET /api/presence/webhooks/{id}/dead-letters/{letter}`.
public struct DeadLetter: Codable, Hashable, Sendable {
    public var letter: DeadLetterList.Item
    /// As it was sent, byte for byte.
    public var body: String

    public init(letter: DeadLetterList.Item, body: String) {
        self.letter = letter
        self.body = body
    }
}

/// Answer of `POST /api/presence/webhooks/{id}/dead-letters/retry`.
public struct ResentLetters: Codable, Hashable, Sendable {
    /// How many dead letters a new snapshot takes the place of; none is made for none.
    public var letters: Int

    public init(letters: Int) {
        self.letters = letters
    }
}
