import Foundation
import ParleyProtocol

extension PeopleSnapshot {
    /// - Throws: `DecodingError` when one was not made here.
    func decodedViews() throws -> [PresenceView] {
        try views.map { try WireJSON.decoder.decode(PresenceView.self, from: Data($0.json)) }
    }
}
