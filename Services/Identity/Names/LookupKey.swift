import Foundation

/// What two spellings of one name have in common: names are stored as they were written and found by this key.
///
/// Canonical composition, so that both ways to write `ü` meet; then upper and lower case, so that `Straße` and
/// `STRASSE` meet, which lower case alone does not do.
enum LookupKey {
    static func fold(_ text: String) -> String {
        text.precomposedStringWithCanonicalMapping.uppercased().lowercased().precomposedStringWithCanonicalMapping
    }
}
