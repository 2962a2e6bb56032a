import Foundation
import Hummingbird
import ParleyProtocol
import ServiceKit

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

    /// Bytes; the longest display name fits.
    private static let longest = 4_096

    /// `?cursor=` of a request.
    /// - Throws: 400 when it is none.
    static func of(_ request: Request) throws(ProblemError) -> ColleagueCursor? {
        guard let text = try request.queryText("cursor", maximumBytes: longest) else { return nil }
        guard let cursor = ColleagueCursor(text: text) else {
            throw .validation([FieldProblem("cursor", .badFormat)])
        }
        return cursor
    }
}
