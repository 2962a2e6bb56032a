import Testing

@testable import LDAP

@Suite("What people type, in filters and distinguished names")
struct TextTests {
    @Test(
        "a value in a filter can neither end nor be a wildcard",
        arguments: [
            ("ada", "ada"), ("*", #"\2a"#), (")(uid=*", #"\29\28uid=\2a"#), (#"\"#, #"\5c"#), ("a\0b", #"a\00b"#),
            (#"\2a"#, #"\5c2a"#), ("Jürgen 東京 😀", "Jürgen 東京 😀"), ("a\r\nb\u{7f}", #"a\0d\0ab\7f"#),
            (" #x ", " #x "), ("", ""), ("%s%d", "%s%d"), ("a&b|c!d=e", "a&b|c!d=e"),
        ])
    func filter(value: String, escaped: String) {
        #expect(LDAPFilter.escaped(value) == escaped)
    }

    @Test(
        "a value in a distinguished name can neither end nor begin another part",
        arguments: [
            ("ada", "ada"), ("ada,ou=admins", #"ada\,ou\=admins"#), ("a+cn=b", #"a\+cn\=b"#), (#"\"#, #"\\"#),
            ("a\0b", #"a\00b"#), ("#04ff", ##"\#04ff"##), ("a#", "a#"), (" a b ", #"\ a b\ "#), (" ", #"\ "#),
            (#"<a;"b">"#, #"\<a\;\"b\"\>"#), ("Jürgen 東京 😀", "Jürgen 東京 😀"), ("a\nb", #"a\0ab"#),
            ("*)(uid=*", #"*)(uid\=*"#), ("", ""),
        ])
    func name(value: String, escaped: String) {
        #expect(LDAPName.escaped(value) == escaped)
    }

    @Test(
        "whatever is typed, libldap reads it as one value of one part",
        arguments: [
            "ada,ou=admins", "a+cn=b", "\\", "\\,", "a\\", "#04ff", " a ", "  ", "\"a", "<>;=", "é,\u{7f}", "a\r\nb",
            "%s", "😀+", "=", ",", "#",
        ])
    func roundTrip(value: String) throws {
        let name = "uid=\(LDAPName.escaped(value)),dc=example,dc=org"
        #expect(try Parts(name).values == [value, "example", "org"])
    }

    @Test("a template is filled in one pass, so that a user name is not filled again")
    func template() {
        let template = LDAPTemplate("(|(uid=%s)(member=%d)(rate=5%)(x=%x)(again=%s))")
        #expect(template.count(.userName) == 2)
        #expect(template.count(.personDN) == 1)
        let filled = template.filled { $0 == .userName ? "%d" : "%s" }
        #expect(filled == "(|(uid=%d)(member=%s)(rate=5%)(x=%x)(again=%d))")
        #expect(LDAPTemplate("").filled { _ in "x" } == "")
        #expect(LDAPTemplate("%").filled { _ in "x" } == "%")
        #expect(LDAPTemplate("%%s").filled { _ in "x" } == "%x")
    }

    @Test("a message of a server is one short line, and is not shown when it repeats a password")
    func diagnostic() {
        let long = LDAPDiagnostic("a\u{0}b\r\n" + String(repeating: "x", count: 5_000), fallback: "", hiding: [])
        #expect(long.text.hasPrefix("a b xxx"))
        #expect(long.text.count == 200)
        let telling = LDAPDiagnostic("wrong: swordfish", fallback: "Invalid credentials", hiding: ["", "swordfish"])
        #expect(telling.text == "Invalid credentials")
        #expect(LDAPDiagnostic("", fallback: "Busy", hiding: []).text == "Busy")
        #expect(LDAPDiagnostic("data 52e", fallback: "Busy", hiding: [""]).text == "data 52e")
    }
}
