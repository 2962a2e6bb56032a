import Foundation

// `purpose` completes the sentence "PARLEY_X is missing: …".
extension Settings {
    /// A text. Without a default it must be set.
    public func string(_ key: String, _ purpose: String, default fallback: String? = nil) -> String {
        if let text = raw(key) { return text }
        if let fallback { return fallback }
        missing(key, purpose)
        return ""
    }

    /// A text that may be left out.
    public func optionalString(_ key: String) -> String? { raw(key) }

    /// A whole number within `range`.
    public func int(
        _ key: String, _ purpose: String, in range: ClosedRange<Int>, default fallback: Int? = nil
    ) -> Int {
        guard let text = raw(key) else {
            if let fallback { return fallback }
            missing(key, purpose)
            return range.lowerBound
        }
        guard let number = Int(text), range.contains(number) else {
            report(key, "it must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            return range.lowerBound
        }
        return number
    }

    /// A time in whole seconds within `range`.
    public func seconds(
        _ key: String, _ purpose: String, in range: ClosedRange<Int>, default fallback: Int? = nil
    ) -> Duration {
        .seconds(int(key, purpose, in: range, default: fallback))
    }

    /// `true`, `yes`, `on`, `1` or `false`, `no`, `off`, `0`.
    public func bool(_ key: String, _ purpose: String, default fallback: Bool? = nil) -> Bool {
        guard let text = raw(key) else {
            if let fallback { return fallback }
            missing(key, purpose)
            return false
        }
        switch text.lowercased() {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        default:
            report(key, "it must be true or false")
            return false
        }
    }

    /// Texts separated by commas, without the spaces around them. An empty default makes the list optional.
    public func list(_ key: String, _ purpose: String, default fallback: [String]? = nil) -> [String] {
        guard let text = raw(key) else {
            if let fallback { return fallback }
            missing(key, purpose)
            return []
        }
        let entries = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
        return entries.filter { !$0.isEmpty }
    }

    /// One of the names of an enumeration.
    public func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String, _ purpose: String, default fallback: Choice
    ) -> Choice where Choice.RawValue == String {
        guard let text = raw(key) else { return fallback }
        guard let choice = Choice(rawValue: text.lowercased()) else {
            report(key, "it must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
            return fallback
        }
        return choice
    }

    /// An absolute URL with one of the schemes and a host, without a slash at its end.
    public func url(
        _ key: String, _ purpose: String, schemes: [String] = ["http", "https"], default fallback: String? = nil
    ) -> String {
        let text = string(key, purpose, default: fallback)
        guard !text.isEmpty else { return "" }
        checkURL(key, text, schemes: schemes)
        return text.withoutTrailingSlash
    }

    /// As `url`; nothing when it is left out.
    public func optionalURL(_ key: String, schemes: [String] = ["http", "https"]) -> String? {
        guard let text = raw(key) else { return nil }
        checkURL(key, text, schemes: schemes)
        return text.withoutTrailingSlash
    }

    /// Several URLs, separated by commas.
    public func urls(
        _ key: String, _ purpose: String, schemes: [String] = ["http", "https"], default fallback: [String]? = nil
    ) -> [String] {
        let texts = list(key, purpose, default: fallback)
        for text in texts { checkURL(key, text, schemes: schemes) }
        return texts.map(\.withoutTrailingSlash)
    }

    /// The value is not repeated in the message: it may hold a password.
    private func checkURL(_ key: String, _ text: String, schemes: [String]) {
        guard let components = URLComponents(string: text), let scheme = components.scheme?.lowercased(),
            schemes.contains(scheme), components.host?.isEmpty == false
        else { return report(key, "it must be a URL that starts with \(schemes.joined(separator: ":// or "))://") }
    }
}

// MARK: Secrets

extension Settings {
    /// A secret's bytes. It must be set, have `minimumBytes`, and not be a placeholder.
    public func secret(_ key: String, _ purpose: String, minimumBytes: Int = 32) -> [UInt8] {
        [UInt8](secretText(key, purpose, minimumBytes: minimumBytes).utf8)
    }

    /// Like `secret`, as text.
    public func secretText(_ key: String, _ purpose: String, minimumBytes: Int = 32) -> String {
        guard let text = raw(key) else {
            missing(key, purpose)
            return ""
        }
        guard !text.isEmpty else { return "" }
        if SecretQuality.isPlaceholder(text) {
            report(key, "it is a placeholder, not a secret; make one with: openssl rand -base64 48")
        } else if text.utf8.count < minimumBytes {
            report(key, "it must have at least \(minimumBytes) bytes")
        }
        return text
    }
}

/// Tells secrets that nobody has chosen from real ones.
enum SecretQuality {
    private static let placeholders: Set<String> = [
        "secret", "password", "passwort", "default", "example", "test", "admin", "parley", "mysecret", "mypassword",
        "topsecret", "none", "null", "todo", "xxx", "1234", "12345678", "123456789", "1234567890", "qwerty",
    ]
    private static let givenAway = ["changeme", "changethis", "placeholder", "replaceme", "insertsecret", "yoursecret"]

    static func isPlaceholder(_ text: String) -> Bool {
        let plain = String(text.lowercased().filter { $0.isLetter || $0.isNumber })
        if placeholders.contains(plain) || givenAway.contains(where: plain.contains) { return true }
        return isRepetition([UInt8](plain.utf8)) || Set(text.utf8).count < min(6, text.utf8.count)
    }

    /// Whether the text is a short piece, up to 12 bytes, over and over again.
    private static func isRepetition(_ bytes: [UInt8]) -> Bool {
        guard bytes.count > 1 else { return true }
        for period in 1...12 where period * 2 <= bytes.count {
            if zip(bytes, bytes.dropFirst(period)).allSatisfy({ $0 == $1 }) { return true }
        }
        return false
    }
}

extension String {
    var withoutTrailingSlash: String { hasSuffix("/") ? String(dropLast()) : self }
}
