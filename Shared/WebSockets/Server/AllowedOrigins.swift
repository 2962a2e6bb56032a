/// The origins whose pages may open a socket. A browser always says where a page comes from; comparing exactly keeps
/// other sites' pages from using a visitor's network position.
public struct AllowedOrigins: Sendable {
    private let origins: Set<String>
    private let allowsMissing: Bool

    /// - Parameters:
    ///   - origins: `scheme://host[:port]`, as browsers write them; a default port may be given.
    ///   - allowsMissing: Whether a request without `Origin` is let in: for clients that are no browsers.
    public init(_ origins: [String], allowsMissing: Bool = false) {
        self.origins = Set(origins.map(Self.normalized))
        self.allowsMissing = allowsMissing
    }

    /// Whether a request with this `Origin` may open a socket.
    public func allows(_ origin: String?) -> Bool {
        guard let origin else { return allowsMissing }
        return origins.contains(origin)
    }

    /// Browsers write origins in lower case, without a default port and without a trailing slash.
    private static func normalized(_ origin: String) -> String {
        var origin = origin.lowercased()
        while origin.hasSuffix("/") { origin.removeLast() }
        if origin.hasPrefix("https://"), origin.hasSuffix(":443") { origin.removeLast(4) }
        if origin.hasPrefix("http://"), origin.hasSuffix(":80") { origin.removeLast(3) }
        return origin
    }
}
