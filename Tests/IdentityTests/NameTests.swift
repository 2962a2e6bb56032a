import ParleyProtocol
import Testing

@testable import IdentityService

@Suite("Names of organizations and accounts")
struct NameTests {
    @Test(
        "a key is the same for every case and composition",
        arguments: [
            ("Demo", "dEMO"), ("Müller", "MU\u{308}LLER"), ("Straße", "STRASSE"), ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
            ("4711", "4711"),
        ])
    func keysFold(_ one: String, _ other: String) {
        #expect(LookupKey.fold(one) == LookupKey.fold(other))
    }

    @Test("different names have different keys")
    func keysDiffer() {
        #expect(LookupKey.fold("müller") != LookupKey.fold("muller"))
    }

    @Test(
        "a UCSID may have 1 to 64 letters, digits, '-', '.' and '_'",
        arguments: ["4711-0815", "a", "Firma.de_1", "Bäcker"])
    func goodUCSID(_ text: String) throws {
        let organization = try NewOrganization(ucsid: text, name: "Firma", aliases: [])
        #expect(organization.ucsid.text == text)
    }

    @Test(
        "another UCSID is refused",
        arguments: ["", "  ", "a b", "a/b", "a@b", "a\u{0}b", String(repeating: "a", count: 65)])
    func badUCSID(_ text: String) {
        #expect(throws: InputProblem.self) { try NewOrganization(ucsid: text, name: "Firma", aliases: []) }
    }

    @Test("an alias given twice, or equal to the UCSID in another case, is refused")
    func doubleAlias() {
        #expect(throws: InputProblem.self) { try NewOrganization(ucsid: "Firma", name: "Firma", aliases: ["FIRMA"]) }
        #expect(throws: InputProblem.self) { try NewOrganization(ucsid: "1", name: "Firma", aliases: ["a", "A"]) }
    }

    @Test(
        "an organization's name needs a character and no line break",
        arguments: ["", " ", "a\nb", String(repeating: "n", count: 101)])
    func badOrganizationName(_ name: String) {
        #expect(throws: InputProblem.self) { try NewOrganization(ucsid: "1", name: name, aliases: []) }
    }

    @Test(
        "a user name has 1 to 128 characters, no control character and no backslash",
        arguments: ["", "a\\b", "a\u{7}b", "a\u{202E}b", "\u{FEFF}", "\u{3164}", String(repeating: "u", count: 129)])
    func badUserName(_ name: String) {
        #expect(throws: InputProblem.self) { try NewAccount(userName: name, displayName: "A", permissions: []) }
    }

    @Test(
        "a display name has 1 to 60 characters and no control character",
        arguments: [
            "", " ", "a\u{1B}[1m", "a\u{2067}b", String(repeating: "ä", count: 61),
            "a" + String(repeating: "\u{301}", count: 400),
        ])
    func badDisplayName(_ name: String) {
        #expect(throws: InputProblem.self) { try NewAccount(userName: "u", displayName: name, permissions: []) }
    }

    @Test("names keep their spelling, without the space around them")
    func goodAccount() throws {
        let account = try NewAccount(
            userName: " Erika.Muster@firma.example ", displayName: "Erika Muster 👩‍💻",
            permissions: ["rooms.create", "rooms.create"])
        #expect(account.userName == "Erika.Muster@firma.example")
        #expect(account.displayName == "Erika Muster 👩‍💻")
        #expect(account.permissions == [.createRooms])
    }

    @Test("an unknown permission is refused with the list of those that exist")
    func unknownPermission() {
        let problem = #expect(throws: InputProblem.self) {
            try NewAccount(userName: "u", displayName: "U", permissions: ["rooms.destroy"])
        }
        #expect(problem?.description.contains("rooms.create") == true)
    }

    @Test(
        "every way to write a user name at the domain reaches the user",
        arguments: [
            ("Erika", ["erika"]), ("FIRMA\\Erika", ["erika"]),
            ("erika@firma.example", ["erika@firma.example", "erika"]),
            ("FIRMA\\erika@firma", ["erika@firma", "erika"]), ("@erika", ["@erika"]), ("FIRMA\\", [""]),
        ])
    func signInNames(_ typed: String, _ candidates: [String]) {
        #expect(SignInName(typed).candidates(domains: []) == candidates)
    }

    @Test(
        "where an organization names its domains, no other one reaches an account",
        arguments: [
            ("erika", ["erika"]), ("FIRMA\\Erika", ["erika"]), ("elsewhere\\erika", []),
            ("erika@firma.example", ["erika@firma.example", "erika"]), ("erika@elsewhere", ["erika@elsewhere"]),
        ])
    func domains(_ typed: String, _ candidates: [String]) {
        #expect(SignInName(typed).candidates(domains: ["firma", "firma.example"]) == candidates)
    }

    @Test("guesses are counted under one key for every way to write a user name")
    func guessKeys() {
        let keys = Set(["erika", "A\\ERIKA", "erika@a", "B\\erika@c"].map { SignInName($0).guessKey })
        #expect(keys == ["erika"])
    }

    @Test(
        "and for every spelling that a directory may take for the same",
        arguments: [
            "Müller Lüdenscheidt", "muller  ludenscheidt", "ＭÜＬＬＥＲ LÜDENSCHEIDT",
            "mu\u{308}ller\u{AD}lu\u{308}denscheidt",
            "Müller\u{200B}Lüdenscheidt", "Müller\u{3000}Lüdenscheidt", "𝐌üller Lüdenscheidt",
        ])
    func guessKey(_ spelling: String) {
        #expect(SignInName(spelling).guessKey == "mullerludenscheidt")
    }
}
