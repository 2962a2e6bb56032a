import Crypto
import Foundation
import JWTKit
import ParleyProtocol
import Testing

@testable import ServiceKit

@Suite("Access tokens", .timeLimit(.minutes(1)))
struct AccessTokenTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test("what identity signs is what the others read")
    func roundTrip() async throws {
        let signer = try makeSigner()
        let verifier = await AccessTokenVerifier(keySet: KeySetDocument(keys: [signer.publicKey]))
        let token = try await signer.sign(someAccount(), now: now)
        #expect(try await verifier.verify(token, now: now) == someAccount())
        #expect(try await signer.sign(someAccount(), now: now) != token)
    }

    @Test("clocks may differ by 30 seconds")
    func skew() async throws {
        let signer = try makeSigner()
        let verifier = await AccessTokenVerifier(keySet: KeySetDocument(keys: [signer.publicKey]))
        let token = try await signer.sign(someAccount(), now: now)
        let life = Double(Limits.accessToken)
        for offset in [-30, -29, 0, life, life + 29] {
            await #expect(throws: Never.self) { try await verifier.verify(token, now: now.addingTimeInterval(offset)) }
        }
        for offset in [-31, -300, life + 30, life + 300] {
            await #expect(throws: ProblemError.self) {
                try await verifier.verify(token, now: now.addingTimeInterval(offset))
            }
        }
    }

    @Test("keys are published in base64url without padding, named by their thumbprint")
    func keySet() throws {
        for _ in 0..<20 {
            let key = try makeSigner().publicKey
            let coordinate = /[A-Za-z0-9_-]{43}/
            #expect(key.x.wholeMatch(of: coordinate) != nil)
            #expect(key.y.wholeMatch(of: coordinate) != nil)
            #expect(key.kid.wholeMatch(of: coordinate) != nil)
            let json = String(decoding: try WireJSON.encode(KeySetDocument(keys: [key])), as: UTF8.self)
            #expect(json.contains(#""alg":"ES256","crv":"P-256","#))
            #expect(!json.contains("\"d\"") && !json.contains("=") && !json.contains("+"))
        }
        #expect(throws: (any Error).self) { try AccessTokenSigner(privateKeyPEM: "no key") }
    }

    @Test("the key set is read back, and keys that are none are left out")
    func foreignKeys() async throws {
        let signer = try makeSigner()
        let good = signer.publicKey
        var other = try JSONSerialization.jsonObject(with: Data(WireJSON.encode(good))) as? [String: String] ?? [:]
        other["kid"] = "padded"
        other["x"] = good.x + "="
        let padded = try WireJSON.decoder.decode(
            PublicKeyDocument.self, from: JSONSerialization.data(withJSONObject: other))
        #expect(padded.publicKey == nil)
        #expect(good.publicKey != nil)
        let verifier = await AccessTokenVerifier(keySet: KeySetDocument(keys: [padded, good]))
        #expect(try await verifier.verify(signer.sign(someAccount())) == someAccount())
    }

    @Test("whatever is wrong with a token, the answer is the same", arguments: TokenMutation.allCases)
    func mutated(_ mutation: TokenMutation) async throws {
        let forge = try TokenForge()
        let verifier = await AccessTokenVerifier(keySet: KeySetDocument(keys: [forge.signer.publicKey]))
        let untouched = try forge.token()
        #expect(try await verifier.verify(untouched, now: forge.now) == someAccount())
        let token = try await forge.mutate(mutation)
        #expect(token != untouched)
        let error = await #expect(throws: ProblemError.self) { try await verifier.verify(token, now: forge.now) }
        #expect(error?.problem == ProblemError.unauthenticated.problem)
    }
}

@Suite("Tickets and service tokens")
struct SharedKeyTokenTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test("a ticket is read by who has the secret, and said to be too old when it is")
    func ticket() async throws {
        let tokens = TicketTokens(clusterSecret: testSecret)
        let (token, expiresAt) = try await tokens.issue(someTicket(), now: now)
        #expect(expiresAt == now.addingTimeInterval(60))
        for (age, isExpired) in [(0.0, false), (89, false), (91, true), (9_000, true)] {
            let read = try await tokens.verify(token, now: now.addingTimeInterval(age))
            #expect(read.claims == someTicket() && read.isExpired == isExpired)
        }
        let others = TicketTokens(clusterSecret: testSecret.reversed())
        await #expect(throws: ProblemError.self) { try await others.verify(token, now: now) }
    }

    @Test("a service token is for one service, from one")
    func service() async throws {
        let tokens = ServiceTokens(clusterSecret: testSecret)
        let token = try await tokens.issue(from: .signaling, to: .directory, now: now)
        #expect(try await tokens.verify(token, audience: .directory, now: now) == .signaling)
        await #expect(throws: ProblemError.self) { try await tokens.verify(token, audience: .presence, now: now) }
        await #expect(throws: ProblemError.self) {
            try await tokens.verify(token, audience: .directory, now: now.addingTimeInterval(91))
        }
        let others = ServiceTokens(clusterSecret: testSecret.reversed())
        await #expect(throws: ProblemError.self) { try await others.verify(token, audience: .directory, now: now) }
    }

    @Test("no kind of token passes for another")
    func kinds() async throws {
        let tickets = TicketTokens(clusterSecret: testSecret)
        let services = ServiceTokens(clusterSecret: testSecret)
        let signer = try makeSigner()
        let verifier = await AccessTokenVerifier(keySet: KeySetDocument(keys: [signer.publicKey]))
        let ticket = try await tickets.issue(someTicket()).token
        let service = try await services.issue(from: .directory, to: .signaling)
        let access = try await signer.sign(someAccount())
        for token in [service, access] {
            await #expect(throws: ProblemError.self) { try await tickets.verify(token) }
        }
        for token in [ticket, access] {
            await #expect(throws: ProblemError.self) { try await services.verify(token, audience: .signaling) }
        }
        for token in [ticket, service] {
            await #expect(throws: ProblemError.self) { try await verifier.verify(token) }
        }
    }

    @Test("keys for different purposes have nothing in common")
    func derivation() {
        let one = ClusterKey.derive(testSecret, purpose: "parley one v1")
        #expect(one == ClusterKey.derive(testSecret, purpose: "parley one v1"))
        #expect(one != ClusterKey.derive(testSecret, purpose: "parley two v1"))
        #expect(one.count == 32)
    }
}
