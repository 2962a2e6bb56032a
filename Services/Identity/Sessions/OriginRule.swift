import Foundation

/// Keeps other sites from acting with a person's cookie (CSRF).
///
/// Browsers say in `Origin` which site a request that changes something comes from. It must be ours whenever it is there,
/// and it must be there whenever our cookie is; programs other than browsers send neither. A body must be JSON, which a
/// form of another site can't send.
struct OriginRule: Hashable, Sendable {
    enum Refusal: Hashable, Sendable {
        case foreignOrigin
        case notJSON
    }

    /// `scheme://host[:port]`
    let origin: String

    init(publicURL: String) {
        origin = Self.normalised(publicURL) ?? publicURL
    }

    /// What is wrong with a request that changes something; nil when nothing is.
    func refusal(origin given: String?, hasCookie: Bool, contentType: String?) -> Refusal? {
        if let given {
            guard given == origin else { return .foreignOrigin }
        } else if hasCookie {
            return .foreignOrigin
        }
        guard let contentType else { return nil }
        let media = contentType.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
        return media == "application/json" ? nil : .notJSON
    }

    /// As browsers write it: lower case, without the port that the scheme implies.
    private static func normalised(_ url: String) -> String? {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(),
            let host = parts.host?.lowercased()
        else { return nil }
        let implied = scheme == "https" ? 443 : 80
        guard let port = parts.port, port != implied else { return "\(scheme)://\(host)" }
        return "\(scheme)://\(host):\(port)"
    }
}
