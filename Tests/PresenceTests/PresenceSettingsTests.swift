import ParleyProtocol
import Postgres
import PresenceService
import Redis
import ServiceKit
import Testing

@Suite("Presence settings")
struct PresenceSettingsTests {
    private static let good = [
        "PARLEY_CLUSTER_SECRET": "3mD0uVqkY7Xr2nQwTz8LhB5cJfGa9sEp",
        "PARLEY_PUBLIC_URL": "https://meet.example", "PARLEY_IDENTITY_URL": "http://identity:9101/",
        "PARLEY_REDIS_URL": "redis://:secret@cache:7000/2",
        "PARLEY_DATABASE_URL": "postgresql://parley:secret@db/parley",
    ]

    @Test("what the operator sets is read")
    func values() throws {
        let settings = try PresenceSettings(Settings(environment: Self.good))
        #expect(settings.redis.nodes.first?.port == 7_000 && settings.redis.database == 2)
        #expect(settings.identityURL == "http://identity:9101")
        #expect(settings.service.name == .presence && settings.lease == .seconds(40))
        #expect(settings.database.schema == "presence" && settings.streamsPerAddress == 5_000)
    }

    @Test("everything that is missing or wrong is named at once, without secrets")
    func problems() throws {
        var environment = Self.good
        environment["PARLEY_REDIS_URL"] = "http://:secret@cache"
        environment["PARLEY_IDENTITY_URL"] = nil
        let error = #expect(throws: SettingsError.self) { try PresenceSettings(Settings(environment: environment)) }
        let text = error?.description ?? ""
        #expect(text.contains("PARLEY_REDIS_URL") && text.contains("PARLEY_IDENTITY_URL") && !text.contains("secret@"))
        let nothing = #expect(throws: SettingsError.self) { try PresenceSettings(Settings(environment: [:])) }
        #expect((nothing?.problems.count ?? 0) >= 5)
    }
}
