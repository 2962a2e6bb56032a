import Crypto
import Foundation
import ParleyProtocol

/// STUN and TURN servers for those who have a seat, with credentials that coturn checks by itself (`use-auth-secret`):
/// the name is `expiry:participant`, the password its HMAC-SHA1 with the shared secret.
struct TurnCredentials: Sendable {
    /// Long enough for a meeting to allocate; coturn refreshes an allocation as long as it lives.
    static let lifetime = 60 * 60

    private let urls: [String]
    private let secret: [UInt8]

    /// - Parameter urls: `stun:`, `turn:` or `turns:` URLs, as RTCIceServer takes them.
    init(urls: [String], secret: [UInt8]) {
        self.urls = urls
        self.secret = secret
    }

    func servers(for participant: ParticipantID, now: Date = .now) -> [ICEServer] {
        let relays = urls.filter { $0.hasPrefix("turn") }
        let others = urls.filter { !$0.hasPrefix("turn") }
        var servers = others.isEmpty ? [] : [ICEServer(urls: others)]
        if !relays.isEmpty {
            let name = "\(Int(now.timeIntervalSince1970) + Self.lifetime):\(participant.rawValue)"
            servers.append(ICEServer(urls: relays, username: name, credential: password(for: name)))
        }
        return servers
    }

    private func password(for name: String) -> String {
        let code = HMAC<Insecure.SHA1>.authenticationCode(for: Data(name.utf8), using: SymmetricKey(data: secret))
        return Data(code).base64EncodedString()
    }
}
