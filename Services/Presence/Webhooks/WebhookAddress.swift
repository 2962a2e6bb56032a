import Foundation

/// Where a webhook leads.
struct WebhookAddress: Hashable, Sendable {
    private static let longest = 2_000

    let text: String

    /// Nothing for what can't be called: anything but an absolute `https` address (`http` only if `allowsPlain`) with a host, without a
    /// fragment and without a user, who would not be told to the receiver.
    init?(_ text: String, allowsPlain: Bool) {
        guard text.utf8.count <= Self.longest, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            scheme == "https" || allowsPlain && scheme == "http", let host = parts.host, !host.isEmpty,
            parts.user == nil, parts.password == nil, parts.fragment == nil
        else { return nil }
        self.text = text
    }

    /// As people may see it: scheme, host and port, as a secret may stand in the rest.
    static func shown(_ text: String) -> String {
        guard var parts = URLComponents(string: text) else { return "" }
        (parts.path, parts.query, parts.fragment, parts.user, parts.password) = ("", nil, nil, nil, nil)
        return parts.string ?? ""
    }
}
