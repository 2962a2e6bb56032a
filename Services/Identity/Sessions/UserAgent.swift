/// What somebody signs in with, roughly, so that a person recognizes their own devices in a list.
///
/// Browsers imitate each other in `User-Agent` (RFC 9110, 10.1.5), so that the order of the names matters.
struct UserAgent: Hashable, Sendable {
    var browser: String?
    var system: String?

    private static let browsers = [
        ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Version/", "Safari"), ("curl/", "curl"),
    ]
    private static let systems = [
        ("iPhone", "iOS"), ("iPad", "iPadOS"), ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"),
        ("Mac OS X", "macOS"), ("Linux", "Linux"),
    ]

    init(_ header: String?) {
        let text = (header ?? "").prefix(1_024)
        browser = Self.browsers.first { text.contains($0.0) }?.1
        system = Self.systems.first { text.contains($0.0) }?.1
    }
}
