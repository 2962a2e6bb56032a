import ParleyProtocol

/// The user name as typed at sign-in: `user`, `DOMAIN\user` or `user@domain`.
struct SignInName: Hashable, Sendable {
    /// One way to read it.
    struct Reading: Hashable, Sendable {
        /// Key of the account that is meant.
        let key: String
        /// Folded; nothing when none was typed.
        let domain: String?
    }

    /// The most literal first: a user name may itself be stored with an `@`.
    let readings: [Reading]
    /// Without any domain, as typed: what a directory is asked for.
    let plain: String

    init(_ typed: String) {
        var rest = Substring(NameRules.tidy(typed))
        var domain: String?
        if let backslash = rest.lastIndex(of: "\\") {
            domain = LookupKey.fold(String(rest[..<backslash]))
            rest = rest[rest.index(after: backslash)...]
        }
        var readings = [Reading(key: LookupKey.fold(String(rest)), domain: domain)]
        if let at = rest.lastIndex(of: "@"), at != rest.startIndex {
            let after = LookupKey.fold(String(rest[rest.index(after: at)...]))
            rest = rest[..<at]
            readings.append(Reading(key: LookupKey.fold(String(rest)), domain: domain ?? after))
        }
        self.readings = readings
        plain = String(rest)
    }

    /// Keys of the account that is meant, in an organization that knows these domains.
    /// - Parameter domains: folded; when empty, any domain is taken.
    func candidates(domains: [String]) -> [String] {
        readings.filter { reading in
            guard let domain = reading.domain, !domains.isEmpty else { return true }
            return domains.contains(domain)
        }.map(\.key)
    }

    /// Under which guesses are counted: the same for every way to write one user.
    var guessKey: String { readings.last?.key ?? "" }
}
