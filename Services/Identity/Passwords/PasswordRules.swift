import Foundation
import ParleyProtocol

/// What a new password must be: long enough, and nothing that a guesser tries first. There are no rules about kinds of
/// characters, and nobody has to change a password by age (NIST SP 800-63B-4, 3.1.1.2).
struct PasswordRules: Sendable {
    /// Characters.
    var minimum: Int
    /// Of the person and the organization: a guesser knows them.
    var names: [String]

    /// What is wrong with a new password; nil when nothing is.
    func problem(_ password: String) -> FieldProblem.Reason? {
        if password.isEmpty { return .missing }
        if password.precomposedStringWithCanonicalMapping.utf8.count > Limits.passwordBytes.upperBound {
            return .tooLong
        }
        // What people count: `👍🏽` is one.
        if password.count < minimum { return .tooShort }
        return isGuessable(password) ? .tooCommon : nil
    }

    /// Whether hardly anything is left of it when everything is taken away that a guesser would try.
    private func isGuessable(_ password: String) -> Bool {
        let known = Set(names.flatMap(Self.words) + ["parley"])
        let folded = LookupKey.fold(password)
        return [folded, Self.withoutLeet(folded)].contains { Self.isGuessable(Self.plain($0), known: known) }
    }

    /// Whether a text is made of names, of runs such as `1234` and `qwertz`, of repetitions and of two common words at
    /// most, with few other characters between. Three words are a passphrase.
    private static func isGuessable(_ text: [Character], known: Set<String>) -> Bool {
        var unexplained = 0
        var words: Set<String> = []
        var index = 0
        while index < text.count {
            if let length = longestWord(text, at: index, words: known) ?? longestRun(text, at: index)
                ?? year(text, at: index)
            {
                index += length
            } else if let length = longestWord(text, at: index, words: CommonPasswords.all) {
                words.insert(String(text[index..<index + length]))
                index += length
            } else {
                unexplained += 1
                index += 1
            }
        }
        // `a!a!a!a!` has two characters only, whatever they are.
        return (unexplained <= 3 && words.count <= 2) || Set(text).count <= 3
    }

    private static func longestWord(_ text: [Character], at start: Int, words: Set<String>) -> Int? {
        let most = min(CommonPasswords.longest, text.count - start)
        guard most >= CommonPasswords.shortest else { return nil }
        return stride(from: most, through: CommonPasswords.shortest, by: -1).first { length in
            words.contains(String(text[start..<start + length]))
        }
    }

    private static func year(_ text: [Character], at start: Int) -> Int? {
        let digits = String(text[start...].prefix(4))
        return Int(digits).map((1_900...2_099).contains) == true && digits.count == 4 ? 4 : nil
    }

    /// Of at least three characters that follow each other on a keyboard or in the alphabet, in either direction, or are
    /// the same.
    private static func longestRun(_ text: [Character], at start: Int) -> Int? {
        let best =
            CommonPasswords.rows.map { row in
                max(runLength(text, at: start, along: row, by: 1), runLength(text, at: start, along: row, by: -1))
            }.max() ?? 0
        let same = text[start...].prefix { $0 == text[start] }.count
        let longest = max(best, same)
        return longest >= 3 ? longest : nil
    }

    private static func runLength(_ text: [Character], at start: Int, along row: [Character], by step: Int) -> Int {
        guard var place = row.firstIndex(of: text[start]) else { return 0 }
        var length = 1
        while start + length < text.count {
            place += step
            guard row.indices.contains(place), row[place] == text[start + length] else { break }
            length += 1
        }
        return length
    }

    /// Without what people put between words.
    private static func plain(_ text: String) -> [Character] {
        text.filter { !" -_.,!?+*#/&%$§=:;@".contains($0) }
    }

    private static func withoutLeet(_ text: String) -> String {
        let letters: [Character: Character] = [
            "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "9": "g", "@": "a", "$": "s",
        ]
        return String(text.map { letters[$0] ?? $0 })
    }

    /// The words of a name that are long enough to mean something.
    private static func words(of name: String) -> [String] {
        LookupKey.fold(name).split { !$0.isLetter && !$0.isNumber }.map(String.init)
            .filter { $0.count >= CommonPasswords.shortest && $0.count <= CommonPasswords.longest }
    }
}
