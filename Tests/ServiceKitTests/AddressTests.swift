import Testing

@testable import ServiceKit

@Suite("Addresses")
struct AddressTests {
    @Test(
        "limits count by IPv4 address or IPv6 /64",
        arguments: [
            ("203.0.113.7", "203.0.113.7"), ("::ffff:203.0.113.7", "203.0.113.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
            ("fe80::1%eth0", "fe80:0:0:0::/64"), ("gateway", "unknown"), ("", "unknown"), ("1.2.3.4.5", "unknown"),
        ])
    func source(_ address: String, _ expected: String) {
        #expect(clientSource(address) == expected)
    }

    @Test("networks are matched by their bits")
    func networks() throws {
        let proxies = try #require(TrustedProxies(["10.0.0.0/8", "192.168.1.7", "2001:db8::/33"]))
        #expect(proxies.contains("10.200.3.4"))
        #expect(proxies.contains("::ffff:10.1.1.1"))
        #expect(!proxies.contains("11.0.0.1"))
        #expect(proxies.contains("192.168.1.7"))
        #expect(!proxies.contains("192.168.1.8"))
        #expect(proxies.contains("2001:db8:7fff::1"))
        #expect(!proxies.contains("2001:db8:8000::1"))
        #expect(!proxies.contains(nil))
        for bad in ["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "x", "", "1.2.3.4/8/9"] {
            #expect(TrustedProxies([bad]) == nil)
        }
    }

    @Test("the forwarded address is believed from proxies only, and the last untrusted hop counts")
    func forwarded() throws {
        let proxies = try #require(TrustedProxies(["10.0.0.0/8"]))
        #expect(proxies.client(peer: "10.0.0.1", forwardedFor: "203.0.113.7") == "203.0.113.7")
        #expect(proxies.client(peer: "10.0.0.1", forwardedFor: "1.1.1.1, 203.0.113.7, 10.0.0.2") == "203.0.113.7")
        #expect(proxies.client(peer: "10.0.0.1", forwardedFor: "203.0.113.7, nonsense") == "10.0.0.1")
        #expect(proxies.client(peer: "203.0.113.9", forwardedFor: "1.1.1.1") == "203.0.113.9")
        #expect(proxies.client(peer: "10.0.0.1", forwardedFor: nil) == "10.0.0.1")
    }
}
