import ParleyProtocol

/// Names for participants, meetings, chat messages and nodes: 12 characters of 62, which are 71 bits of chance.
enum RandomName {
    private static let characters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")

    static func make(length: Int = 12) -> String {
        var random = SystemRandomNumberGenerator()
        return String((0..<length).compactMap { _ in characters.randomElement(using: &random) })
    }

    static func identifier<Subject>() -> Identifier<Subject> { Identifier(make()) }
}
