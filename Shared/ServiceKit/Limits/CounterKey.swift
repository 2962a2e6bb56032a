import Crypto
import Foundation

/// Names of counters in Redis. Keys hold what people type and where they are; Redis sees neither, only their hash.
enum CounterKey {
    static func name(_ prefix: String, _ key: String) -> String {
        prefix + Base64URL.encode(SHA256.hash(data: Data(key.utf8)))
    }
}
