import Foundation

/// Where a list of colleagues goes on: after this name and account. Opaque to clients.
struct ColleagueCursor: Hashable, Sendable, Codable {
    /// Folded.
    var name: String
    var account: UUID

    init(name: String, account: UUID) {
        self.name = name
        self.account = account
    }

    /// - Returns: nil for anything else than the text of a cursor.
    init?(text: String) {
        guard let bytes = [UInt8](base64URL: text),
            let cursor = try? JSONDecoder().decode(ColleagueCursor.self, from: Data(bytes)),
            !cursor.name.utf8.contains(0)
        else { return nil }
        self = cursor
    }

    var text: String {
        get throws { Array(try JSONEncoder().encode(self)).base64URL }
    }
}
