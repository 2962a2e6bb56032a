import ParleyProtocol

/// Names for participants, meetings, chat messages and nodes: 12 characters of 62, which are 71 bits of chance.
enum RandomName {
    private static let characters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")

    static func make(length: Int = 12) -> String {
        var random = SystemRandomNumberGenerator()
        return String((0..<length).compactMap { _ in characters.randomElement(using: &random) })
    }

    static func identifier<Subject>() -> Identifier<Subject> { Identifier(make()) }

    /// A name of the same form that is always the same for the same bytes, of which there must be at least 12.
    static func identifier<Subject>(from bytes: some Sequence<UInt8>) -> Identifier<Subject> {
        Identifier(String(bytes.prefix(12).map { characters[Int($0) % characters.count] }))
    }
}
