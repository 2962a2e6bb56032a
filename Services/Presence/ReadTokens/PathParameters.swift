import Foundation
import ParleyProtocol
import ServiceKit

extension ServiceRequestContext {
    /// A path parameter that is a UUID, in lower case; 404 for anything else, as nothing can be there.
    func uuid(_ name: String) throws(ProblemError) -> String {
        guard let id = UUID(uuidString: try parameter(name)) else { throw .notFound }
        return id.uuidString.lowercased()
    }
}
