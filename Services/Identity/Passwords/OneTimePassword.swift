import ParleyProtocol

/// A password that an administrator hands over and that its owner changes at the first sign-in.
enum OneTimePassword {
    /// Without letters and digits that are taken for others.
    private static let alphabet = Array("abcdefghjkmnpqrstuvwxyz23456789")
    private static let groups = 4
    private static let groupLength = 4

    /// Four groups of four: 79 random bits.
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<groups).map { _ in
            String((0..<groupLength).compactMap { _ in alphabet.randomElement(using: &generator) })
        }.joined(separator: "-")
    }
}
