import Crypto

/// One step of a schema, applied once and never changed afterwards.
public struct Migration: Sendable, Hashable {
    /// `V0001_accounts`: the order of names is the order of steps.
    public let name: String
    public let sql: String
    /// In hexadecimal.
    public let sha256: String

    public init(name: String, sql: [UInt8]) {
        self.name = name
        self.sql = String(decoding: sql, as: UTF8.self)
        sha256 = SHA256.hash(data: sql).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    public init(name: String, sql: String) {
        self.init(name: name, sql: Array(sql.utf8))
    }
}
