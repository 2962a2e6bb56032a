import COpenSSL

/// OpenSSL could not derive a key: the parameters are outside of its rules, or there is no memory.
struct ScryptError: Error, CustomStringConvertible {
    var description: String { "The password key could not be derived." }
}

/// The key derivation of RFC 7914, by OpenSSL.
enum Scrypt {
    /// - Parameter length: bytes of the key.
    static func derive(
        _ secret: [UInt8], salt: [UInt8], cost: ScryptCost, length: Int
    ) throws(ScryptError) -> [UInt8] {
        var key = [UInt8](repeating: 0, count: length)
        // OpenSSL's own default allows 32 MiB without the block of p, which is just too little for N = 2^15.
        let memory = cost.memory + 128 * cost.blockSize * (cost.parallelism + 2) + 1_024
        let succeeded = secret.withUnsafeBytes { secret in
            salt.withUnsafeBufferPointer { salt in
                EVP_PBE_scrypt(
                    secret.baseAddress?.assumingMemoryBound(to: CChar.self), secret.count, salt.baseAddress, salt.count,
                    UInt64(1) << UInt64(cost.logN), UInt64(cost.blockSize), UInt64(cost.parallelism), UInt64(memory),
                    &key, key.count)
            }
        }
        guard succeeded == 1 else {
            ERR_clear_error()
            throw ScryptError()
        }
        return key
    }
}
