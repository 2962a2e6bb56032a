import Foundation
import ParleyProtocol
import Testing

@testable import IdentityService

@Suite("New passwords")
struct PasswordRuleTests {
    private let rules = PasswordRules(minimum: 15, names: ["erika.muster", "Erika Muster", "Bäckerei Krause"])
    private let short = PasswordRules(minimum: 8, names: ["erika"])

    @Test(
        "good passwords, in any writing and of any length, are taken",
        arguments: [
            "korrekt-pferd-batterie-heftklammer", "Tz8#kQ!v29Lm_xPq", "wolkenbruch über ziegeldach",
            "молоко-велосипед-океан", "🦊🐢🦉🐙🦋🐝🦔🐌🐡🦀🐬🦎🐓🦚🐿", "the otter juggles walnuts",
            String(repeating: "Zq7!vB2#", count: 128),
        ])
    func good(_ password: String) {
        #expect(rules.problem(password) == nil)
    }

    @Test(
        "what a guesser tries first is refused, whatever stands around it",
        arguments: [
            "passwordpassword", "Password123456789", "P@ssw0rd-P@ssw0rd", "qwertzuiopasdfghjkl", "123456789012345678",
            "aaaaaaaaaaaaaaaaaa", "abababababababababab", "Sommer2026Sommer2026", "letmeinletmein!!!",
            "iloveyouiloveyou",
            "1q2w3e4r5t6z7u8i9o", "fußballfussball1", "qwerty-qwerty-qwerty", "98765432109876543210",
        ])
    func common(_ password: String) {
        #expect(rules.problem(password) == .tooCommon)
    }

    @Test(
        "one's own name, the organization's and Parley's are no passwords",
        arguments: [
            "erikamustererika", "Erika.Muster.2026", "Bäckerei-Krause-1", "krausekrausekrause", "parleyparleyparley",
            "muster2026muster",
        ])
    func names(_ password: String) {
        #expect(rules.problem(password) == .tooCommon)
    }

    @Test(
        "common passwords are refused where eight characters are enough",
        arguments: [
            "password", "12345678", "qwertzui", "iloveyou", "sunshine", "football1", "Passw0rd!", "letmein123",
            "admin123",
            "welcome1", "monkey123", "dragon12", "trustno1", "abcd1234", "11111111", "Hallo123", "erika2026",
            "schatz123",
        ])
    func commonAndShort(_ password: String) {
        #expect(short.problem(password) == .tooCommon)
    }

    @Test("length is counted in characters that people see")
    func length() {
        #expect(rules.problem("") == .missing)
        #expect(rules.problem("kurzer Satz ##") == .tooShort)
        #expect(rules.problem("u\u{308}ber den Wald!") == .tooShort, "14 characters")
        #expect(rules.problem("u\u{308}ber den Wäldern") == nil)
        #expect(rules.problem(String(repeating: "ü7", count: 400)) == .tooLong)
    }
}
