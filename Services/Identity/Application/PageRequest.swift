import Hummingbird
import ParleyProtocol
import ServiceKit

/// `?limit=` of a list that is told in pages.
enum PageRequest {
    private static let limits = 1...200
    private static let usualLimit = 50

    /// - Throws: 400 when it is no number from 1 to 200.
    static func limit(_ request: Request) throws(ProblemError) -> Int {
        try request.queryInt("limit", in: limits, default: usualLimit)
    }
}
