import Foundation
import ParleyProtocol

/// The user name as typed at sign-in: `user`, `DOMAIN\user` or `user@domain`.
struct SignInName: Hashable, Sendable {
    /// One way to read it.
    struct Reading: Hashable, Sendable {
        /// The user name, as typed.
        let text: String
        /// Folded; nothing when none was typed.
        let domain: String?

        /// Key of the account that is meant.
        var key: String { LookupKey.fold(text) }
    }

    /// The most literal first: a user name may itself be stored with an `@`.
    let readings: [Reading]

    init(_ typed: String) {
        var rest = Substring(NameRules.tidy(typed))
        var domain: String?
        if let backslash = rest.lastIndex(of: "\\") {
            domain = LookupKey.fold(String(rest[..<backslash]))
            rest = rest[rest.index(after: backslash)...]
        }
        var readings = [Reading(text: String(rest), domain: domain)]
        if let at = rest.lastIndex(of: "@"), at != rest.startIndex {
            let after = LookupKey.fold(String(rest[rest.index(after: at)...]))
            readings.append(Reading(text: String(rest[..<at]), domain: domain ?? after))
        }
        self.readings = readings
    }

    /// Keys of the account that is meant, in an organization that knows these domains.
    /// - Parameter domains: folded; when empty, any domain is taken.
    func candidates(domains: [String]) -> [String] {
        meant(domains).map(\.key)
    }

    /// What a directory of such an organization is asked for, one after the other: without any domain first.
    func directoryNames(domains: [String]) -> [String] {
        meant(domains).map(\.text).reversed()
    }

    private func meant(_ domains: [String]) -> [Reading] {
        readings.filter { reading in
            guard let domain = reading.domain, !domains.isEmpty else { return true }
            return domains.contains(domain)
        }
    }

    /// Under which guesses are counted: the same for every way to write one user that some directory takes for the same.
    /// Directories prepare names in ways of their own (RFC 4518), so that this goes further than any of them.
    var guessKey: String {
        let text = (readings.last?.text ?? "").decomposedStringWithCompatibilityMapping
        var kept = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let properties = scalar.properties
            switch properties.generalCategory {
            case .nonspacingMark, .enclosingMark, .spacingMark, .control, .format: continue
            default: if !properties.isDefaultIgnorableCodePoint, !properties.isWhitespace { kept.append(scalar) }
            }
        }
        return LookupKey.fold(String(kept))
    }
}
