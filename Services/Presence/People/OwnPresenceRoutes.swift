import Hummingbird
import ParleyProtocol
import Redis
import ServiceKit

/// `/api/presence/own`: what the person who asks has set by hand, and what others see of them.
struct OwnPresenceRoutes: Sendable {
    let people: People
    /// Changes of one account.
    let changes: FixedWindow

    static func changes(redis: RedisClient, keyPrefix: String) -> FixedWindow {
        FixedWindow(redis: redis, name: "own-presence", limit: 60, window: .seconds(60), keyPrefix: keyPrefix)
    }

    func add(to group: RouterGroup<ServiceRequestContext>) {
        group.get("own") { _, context in
            try jsonResponse(try await people.own(PersonKey(try context.requireAccount())))
        }
        group.put("own") { request, context in
            let person = PersonKey(try context.requireAccount())
            let body = try await decodeBody(ManualPresence.self, from: request, context: context)
            let decision = try await changes.hit(person.account.rawValue)
            guard decision.allowed else { throw ProblemError.tooManyRequests(retryAfter: decision.retryAfter) }
            try await people.set(try ManualPresenceRules.checked(body), of: person)
            return try jsonResponse(try await people.own(person))
        }
    }
}

extension PersonKey {
    init(_ claims: AccessClaims) {
        self.init(organization: claims.organization, account: claims.account)
    }
}
