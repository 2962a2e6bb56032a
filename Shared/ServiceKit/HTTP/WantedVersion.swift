import Foundation
import HTTPTypes
import ParleyProtocol

/// What `If-Match` wants a thing to be before it is changed.
public enum WantedVersion: Hashable, Sendable {
    case any
    case oneOf([Int])

    /// - Throws: 428 when the header is missing.
    public init(header: String?) throws(ProblemError) {
        guard let header else {
            throw ProblemError(
                .preconditionRequired, .preconditionRequired, "Say in If-Match which version you want to change.")
        }
        guard header.trimmingCharacters(in: .whitespaces) != "*" else {
            self = .any
            return
        }
        let versions = header.split(separator: ",").prefix(20).compactMap { tag -> Int? in
            let tag = tag.trimmingCharacters(in: .whitespaces)
            guard tag.count > 2, tag.hasPrefix("\""), tag.hasSuffix("\"") else { return nil }
            return Int32(tag.dropFirst().dropLast()).map(Int.init)
        }
        self = .oneOf(versions)
    }

    public static func entityTag(_ version: Int) -> String { "\"\(version)\"" }

    /// Whether something of this version may be changed.
    public func allows(_ version: Int) -> Bool {
        switch self {
        case .any: true
        case .oneOf(let versions): versions.contains(version)
        }
    }
}
