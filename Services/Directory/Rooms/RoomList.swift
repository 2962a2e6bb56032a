import Foundation
import ParleyProtocol
import Postgres
import ServiceKit

/// In which order rooms are listed.
enum RoomSort: String, Codable, CaseIterable, Sendable {
    /// The newest first.
    case created
    /// The one that was used last first.
    case used
    /// By name, without regard to case, in the order of code points.
    case name
    /// As the person has arranged them; those that were not arranged come last, the newest first.
    case own

    /// A text by which rooms are compared, byte by byte.
    var key: SQL {
        switch self {
        case .created: Self.microseconds("created_at")
        case .used: Self.microseconds("last_used_at")
        case .name: "lower(name)"
        case .own: "lpad(coalesce(position, 2147483647)::text, 10, '0')"
        }
    }

    var isDescending: Bool { self == .created || self == .used }

    private static func microseconds(_ column: StaticString) -> SQL {
        "lpad(floor(extract(epoch from \(raw: column)) * 1000000)::bigint::text, 20, '0')"
    }
}

/// Which rooms somebody asks for.
struct RoomQuery: Sendable {
    var sort = RoomSort.created
    /// What name, alias or description must contain; empty for all.
    var search = ""
    var cursor: RoomCursor?
    var limit: Int
}

/// Where a list of rooms goes on: after this room. Opaque to clients.
struct RoomCursor: Codable, Equatable, Sendable {
    /// Bytes of the longest one, with the longest name.
    static let longest = 4_096

    /// A cursor of one order means nothing in another.
    var sort: RoomSort
    var key: String
    var id: RoomID

    init(sort: RoomSort, key: String, id: RoomID) {
        self.sort = sort
        self.key = key
        self.id = id
    }

    /// `nil` when the text was not made here.
    init?(_ text: String) {
        guard let bytes = Base64URL.decode(text),
            let cursor = try? JSONDecoder().decode(RoomCursor.self, from: Data(bytes)),
            RoomID(path: cursor.id.rawValue) != nil, !cursor.key.utf8.contains(0)
        else { return nil }
        self = cursor
    }

    var text: String {
        get throws { Base64URL.encode(try JSONEncoder().encode(self)) }
    }
}
