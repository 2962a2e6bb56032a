import Testing

@testable import WebSockets

@Suite("Origins")
struct AllowedOriginsTests {
    private let origins = AllowedOrigins(["https://meet.example:443/", "http://localhost:8080"])

    @Test("the exact origin is allowed", arguments: ["https://meet.example", "http://localhost:8080"])
    func exact(origin: String) {
        #expect(origins.allows(origin))
    }

    @Test(
        "anything else is refused",
        arguments: [
            "https://meet.example.evil", "https://evil.meet.example", "http://meet.example",
            "https://meet.example:8443",
            "https://meet.example/", "http://localhost", "http://localhost:80801", "null", "", "https://",
        ])
    func foreign(origin: String) {
        #expect(!origins.allows(origin))
    }

    @Test("a missing origin is refused unless configured")
    func missing() {
        #expect(!origins.allows(nil))
        #expect(AllowedOrigins([], allowsMissing: true).allows(nil))
    }
}
