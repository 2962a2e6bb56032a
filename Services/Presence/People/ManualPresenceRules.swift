import Foundation
import ParleyProtocol
import ServiceKit

/// What may be set by hand. No I/O.
enum ManualPresenceRules {
    /// Days after which everything that was set by hand has ended, when it has an end.
    private static let mostDays = 366

    /// - Returns: without an end that ends nothing.
    /// - Throws: 400 with what is wrong.
    static func checked(_ manual: ManualPresence, now: Date = .now) throws(ProblemError) -> ManualPresence {
        var checks = FieldChecks()
        var checked = manual
        checked.text = checks.check("text") { () throws(FieldRefusal) -> String? in
            guard let text = manual.text else { return nil }
            return try ReadableText.line(text, Limits.presenceText)
        }.flatMap { $0 }
        if let until = manual.until {
            let latest = now.addingTimeInterval(Double(mostDays) * 86_400)
            _ = checks.check("until") { () throws(FieldRefusal) in
                guard until > now else { throw FieldRefusal(.notAllowed) }
                guard until <= latest else { throw FieldRefusal(.notAllowed) }
            }
        }
        guard checks.problems.isEmpty else { throw .validation(checks.problems) }
        if checked.state == .available, checked.text == nil { checked.until = nil }
        return checked
    }
}
