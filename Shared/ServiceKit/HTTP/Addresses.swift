import Foundation
import HTTPTypes

/// An IPv4 or IPv6 address. An IPv4 address mapped into IPv6 is the IPv4 address.
struct IPAddress: Hashable, Sendable {
    /// 4 or 16, in network order.
    let bytes: [UInt8]

    init?(_ text: String) {
        let plain = String(text.prefix { $0 != "%" })
        var v4 = in_addr()
        if inet_pton(AF_INET, plain, &v4) == 1 {
            bytes = withUnsafeBytes(of: &v4) { [UInt8]($0) }
            return
        }
        var v6 = in6_addr()
        guard inet_pton(AF_INET6, plain, &v6) == 1 else { return nil }
        let all = withUnsafeBytes(of: &v6) { [UInt8]($0) }
        let isMapped = all.prefix(10).allSatisfy { $0 == 0 } && all[10] == 0xFF && all[11] == 0xFF
        bytes = isMapped ? [UInt8](all.suffix(4)) : all
    }

    func hasPrefix(of other: IPAddress, bits: Int) -> Bool {
        guard bytes.count == other.bytes.count else { return false }
        for (index, pair) in zip(bytes, other.bytes).enumerated() {
            let relevant = min(8, max(0, bits - index * 8))
            let mask = UInt8(truncatingIfNeeded: 0xFF00 >> relevant)
            if pair.0 & mask != pair.1 & mask { return false }
        }
        return true
    }
}

/// What limits count by: an IPv4 address, or the /64 network of an IPv6 address, because one person has all of it.
public func clientSource(_ address: String?) -> String {
    guard let address, let parsed = IPAddress(address) else { return "unknown" }
    guard parsed.bytes.count == 16 else { return parsed.bytes.map(String.init).joined(separator: ".") }
    var groups: [String] = []
    for start in stride(from: 0, to: 8, by: 2) {
        groups.append(String(UInt16(parsed.bytes[start]) << 8 | UInt16(parsed.bytes[start + 1]), radix: 16))
    }
    return groups.joined(separator: ":") + "::/64"
}

/// Addresses and networks whose forwarded headers are believed.
public struct TrustedProxies: Sendable {
    private struct Network: Sendable {
        let address: IPAddress
        let bits: Int
    }

    static let loopbackList = ["127.0.0.0/8", "::1"]
    public static let loopback = TrustedProxies(loopbackList) ?? TrustedProxies()
    /// For a listener that only known machines reach.
    public static let everyone = TrustedProxies(networks: [], trustsAll: true)

    private let networks: [Network]
    private let trustsAll: Bool

    /// Trusts nobody.
    public init() {
        self.init(networks: [], trustsAll: false)
    }

    /// Nothing when an entry is no address and no network.
    public init?(_ entries: [String]) {
        var networks: [Network] = []
        for entry in entries {
            let parts = entry.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count <= 2, let first = parts.first, let address = IPAddress(String(first)) else { return nil }
            let width = address.bytes.count * 8
            guard let bits = parts.count == 2 ? Int(parts[1]) : width, (0...width).contains(bits) else { return nil }
            networks.append(Network(address: address, bits: bits))
        }
        self.init(networks: networks, trustsAll: false)
    }

    private init(networks: [Network], trustsAll: Bool) {
        self.networks = networks
        self.trustsAll = trustsAll
    }

    public func contains(_ address: String?) -> Bool {
        if trustsAll { return true }
        guard let address, let parsed = IPAddress(address) else { return false }
        return networks.contains { parsed.hasPrefix(of: $0.address, bits: $0.bits) }
    }

    /// What limits count a request by that came over a connection with this peer; see `clientSource(_:)`.
    public func source(of request: HTTPRequest, peer: String?) -> String {
        clientSource(client(peer: peer, forwardedFor: request.headerFields[.forwardedFor]))
    }

    /// The address of the client: the last one in `X-Forwarded-For` that is not a trusted proxy, when the peer is one.
    func client(peer: String?, forwardedFor: String?) -> String? {
        guard !trustsAll, contains(peer), let forwardedFor else { return peer }
        let hops = forwardedFor.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        for hop in hops.reversed() {
            guard IPAddress(hop) != nil else { return peer }
            if !contains(hop) { return hop }
        }
        return hops.first ?? peer
    }
}
