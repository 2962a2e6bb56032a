import Crypto

/// A Lua script. It is sent once per server and called by its SHA-1 afterwards.
///
/// With Redis Cluster, all `keys` of one call must stand in one slot: give them the same hash tag, as in
/// `{r:ROOM}:seats` and `{r:ROOM}:log`. The same holds for every command with more than one key.
public struct RedisScript: Sendable {
    public let source: String
    /// 40 hexadecimal digits in lower case.
    public let sha1: String

    public init(_ source: String) {
        self.source = source
        sha1 = Insecure.SHA1.hash(data: Array(source.utf8))
            .map { byte in
                let digits = String(byte, radix: 16)
                return digits.count == 1 ? "0" + digits : digits
            }
            .joined()
    }
}
