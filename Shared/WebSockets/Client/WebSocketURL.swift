import Foundation

/// A parsed `ws://` or `wss://` URL.
struct WebSocketURL {
    let isSecure: Bool
    let host: String
    let port: Int
    /// Path and query, as in a request line.
    let target: String
    /// The value of `Host`.
    let authority: String

    init(_ url: String) throws(WebSocketError) {
        guard let components = URLComponents(string: url), let scheme = components.scheme?.lowercased(),
            scheme == "ws" || scheme == "wss", let written = components.host, !written.isEmpty
        else { throw WebSocketError(.badURL, "Not a ws:// or wss:// URL with a host: \(url)") }
        isSecure = scheme == "wss"
        host = written.hasPrefix("[") ? String(written.dropFirst().dropLast()) : written
        port = components.port ?? (isSecure ? 443 : 80)
        let path = components.percentEncodedPath.isEmpty ? "/" : components.percentEncodedPath
        target = components.percentEncodedQuery.map { "\(path)?\($0)" } ?? path
        let bracketed = host.contains(":") ? "[\(host)]" : host
        authority = components.port.map { "\(bracketed):\($0)" } ?? bracketed
    }

    /// The name for the server's certificate; addresses have none.
    var serverName: String? {
        host.contains(":") || host.allSatisfy { $0.isNumber || $0 == "." } ? nil : host
    }
}
