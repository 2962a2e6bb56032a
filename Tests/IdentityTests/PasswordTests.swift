import Foundation
import NIOPosix
import Testing

@testable import IdentityService

@Suite("Passwords", .timeLimit(.minutes(1)))
struct PasswordTests {
    private static let cheap = ScryptCost.standard(logN: 10)

    /// RFC 7914, section 12; its fourth vector needs 1 GiB.
    @Test(
        "scrypt gives the keys of RFC 7914",
        arguments: [
            (
                "", "", ScryptCost(logN: 4, blockSize: 1, parallelism: 1),
                "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
                    + "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"
            ),
            (
                "password", "NaCl", ScryptCost(logN: 10, blockSize: 8, parallelism: 16),
                "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                    + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
            ),
            (
                "pleaseletmein", "SodiumChloride", ScryptCost(logN: 14, blockSize: 8, parallelism: 1),
                "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
                    + "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
            ),
        ])
    func vectors(_ secret: String, _ salt: String, _ cost: ScryptCost, _ key: String) throws {
        let derived = try Scrypt.derive(Array(secret.utf8), salt: Array(salt.utf8), cost: cost, length: 64)
        #expect(derived.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == key)
    }

    @Test(
        "a password of any writing and length matches itself only",
        arguments: ["x", "a\u{0}b", "🔑 Schlüssel", String(repeating: "ß", count: 512)])
    func roundTrip(_ text: String) throws {
        let password = try Password(text)
        let hash = try PasswordHash(password, cost: Self.cheap)
        #expect(try hash.matches(password))
        #expect(try !hash.matches(Password(text.dropLast() + "y")))
    }

    @Test("bytes after a NUL and after the 72nd byte count")
    func nothingIsCut() throws {
        let afterNUL = try PasswordHash(Password("a\u{0}b"), cost: Self.cheap)
        #expect(try !afterNUL.matches(Password("a\u{0}c")))
        #expect(try !afterNUL.matches(Password("a")))
        let long = String(repeating: "x", count: 1_023)
        #expect(try !PasswordHash(Password(long + "a"), cost: Self.cheap).matches(Password(long + "b")))
    }

    @Test("both compositions of a letter are one password")
    func normalised() throws {
        let hash = try PasswordHash(Password("Schlu\u{308}ssel"), cost: Self.cheap)
        #expect(try hash.matches(Password("Schl\u{FC}ssel")))
    }

    @Test("an empty password and one of 1025 bytes are refused")
    func bounds() {
        #expect(throws: InputProblem.self) { try Password("") }
        #expect(throws: InputProblem.self) { try Password(String(repeating: "x", count: 1_025)) }
    }

    @Test("a password does not show itself in a log")
    func hidden() throws {
        #expect(try !"\(Password("geheim"))".contains("geheim"))
    }

    @Test("a hash is read back from its text, with its parameters")
    func text() throws {
        let hash = try PasswordHash(Password("x"), cost: Self.cheap)
        #expect(hash.text.hasPrefix("$scrypt$ln=10,r=8,p=3$"))
        #expect(!hash.text.contains("=" + "$"))
        #expect(PasswordHash(text: hash.text) == hash)
    }

    @Test(
        "other text is no hash",
        arguments: [
            "", "x", "$scrypt$", "$argon2id$ln=10,r=8,p=3$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
            "$scrypt$ln=40,r=8,p=3$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
            "$scrypt$ln=10,r=8$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
            "$scrypt$ln=10,r=8,p=3$AAAAAAAAAAAAAAAAAAAAAA$AAAA", "$scrypt$ln=10,r=8,p=3$*$AAAAAAAAAAAAAAAAAAAAAA",
        ])
    func badText(_ text: String) {
        #expect(PasswordHash(text: text) == nil)
    }

    @Test("weaker parameters are those that cost less memory or less time")
    func weaker() {
        let today = ScryptCost.standard()
        #expect(ScryptCost.standard(logN: 14).isWeaker(than: today))
        #expect(ScryptCost(logN: 15, blockSize: 8, parallelism: 1).isWeaker(than: today))
        #expect(!today.isWeaker(than: today))
        #expect(!ScryptCost(logN: 17, blockSize: 8, parallelism: 1).isWeaker(than: today))
    }

    @Test("the standard parameters work and an unknown account costs the same as a known one")
    func sameCost() async throws {
        let password = try Password("correct horse battery staple")
        let (known, unknown) = try await PasswordHasher(cost: .standard(), threads: 1).once { hasher in
            let hash = try await hasher.hash(password)
            var known: [Duration] = []
            var unknown: [Duration] = []
            for _ in 0..<5 {
                let start = ContinuousClock.now
                let right = try await hasher.check(password, against: hash)
                let middle = ContinuousClock.now
                let wrong = try await hasher.check(password, against: nil)
                known.append(start.duration(to: middle))
                unknown.append(middle.duration(to: .now))
                #expect(right == .right(replacement: nil))
                #expect(wrong == .wrong)
            }
            return (known.sorted()[2], unknown.sorted()[2])
        }
        // Other tests share the machine: this holds the order of magnitude, which a missing derivation would break.
        #expect(known < unknown * 3 && unknown < known * 3, "known \(known), unknown \(unknown)")
    }

    @Test("a hash with weaker parameters is replaced when the password is right")
    func replacement() async throws {
        let password = try Password("x")
        let old = try PasswordHash(password, cost: Self.cheap)
        let (right, wrong) = try await PasswordHasher(cost: .standard(logN: 11)).once { hasher in
            (try await hasher.check(password, against: old), try await hasher.check(Password("y"), against: old))
        }
        #expect(wrong == .wrong)
        guard case .right(let replacement?) = right else {
            Issue.record("no replacement")
            return
        }
        #expect(replacement.cost == .standard(logN: 11))
        #expect(try replacement.matches(password))
    }

    @Test("no more passwords wait than the queue holds, and it is free again afterwards")
    func bound() async throws {
        let password = try Password("x")
        let refused = try await PasswordHasher(cost: .standard(logN: 13), threads: 1, queue: 3).once { hasher in
            let refused = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<12 {
                    group.addTask {
                        do {
                            _ = try await hasher.check(password, against: nil)
                            return false
                        } catch is PasswordHasher.Busy {
                            return true
                        }
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            _ = try await hasher.check(password, against: nil)
            return refused
        }
        #expect(refused >= 1 && refused <= 8)
    }

    @Test("who has waited too long is refused instead of being hashed")
    func waitLimit() async throws {
        let password = try Password("x")
        try await PasswordHasher(cost: Self.cheap, waitLimit: .zero).once { hasher in
            _ = await #expect(throws: PasswordHasher.Busy.self) { try await hasher.check(password, against: nil) }
        }
    }

    @Test("a hasher that does not run refuses")
    func stopped() async throws {
        let hasher = PasswordHasher(cost: Self.cheap)
        try await hasher.once { _ in }
        await #expect(throws: (any Error).self) { try await hasher.check(Password("x"), against: nil) }
    }
}
