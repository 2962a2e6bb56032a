import Foundation
import ParleyProtocol

/// Offers second factors, and takes them up when their owner has shown a code.
struct SecondFactorOffers: Sendable {
    /// What an offer says that its owner gives back.
    private struct Enrollment: Codable {
        var account: AccountID
        var secret: [UInt8]
        /// Mark of the second factor that it is to take the place of.
        var replaces: [UInt8]?
        var expiresAt: Date
    }

    /// An offer whose owner has shown a code of it.
    struct Acceptance: Sendable {
        let totp: TOTP
        /// Whose code was shown; it is used up.
        let step: Int64
        /// Mark of the second factor that there was when it was offered.
        let replaces: [UInt8]?
    }

    private static let context = "enrollment"

    private let seal: SecretSeal

    init(clusterSecret: [UInt8]) {
        seal = SecretSeal(clusterSecret: clusterSecret, purpose: "parley second factor offer v1")
    }

    /// Nothing is kept of it here: the enrollment holds it, sealed.
    func offer(to person: SignInPerson) throws -> SecondFactorOffer {
        let totp = TOTP()
        let expiresAt = Date.now.addingTimeInterval(Double(Limits.enrollment))
        let enrollment = Enrollment(
            account: person.account, secret: totp.secret, replaces: person.secondFactorMark, expiresAt: expiresAt)
        let sealed = try seal.seal([UInt8](try JSONEncoder().encode(enrollment)), context: Self.context)
        let uri = Self.uri(totp, userName: person.userName, organization: person.organizationName)
        return SecondFactorOffer(
            secret: Base32.encode(totp.secret), uri: uri, qrCode: QRCode.rows(uri) ?? [],
            enrollment: sealed.base64URL)
    }

    /// - Throws: `SecondFactorProblem`.
    func takeUp(
        _ enrollment: String, code: String, by account: AccountID, now: Date = .now
    ) throws(SecondFactorProblem) -> Acceptance {
        guard let sealed = [UInt8](base64URL: enrollment), let opened = seal.open(sealed, context: Self.context),
            let offer = try? JSONDecoder().decode(Enrollment.self, from: Data(opened)), offer.account == account,
            offer.expiresAt > now
        else { throw .enrollmentInvalid }
        let totp = TOTP(secret: offer.secret)
        guard let step = totp.step(of: code, at: now, after: 0) else { throw .wrong }
        return Acceptance(totp: totp, step: step, replaces: offer.replaces)
    }

    /// The form that authenticators read: `otpauth://totp/ISSUER:ACCOUNT?secret=…&issuer=…`, as described in the Key URI
    /// Format of Google Authenticator.
    private static func uri(_ totp: TOTP, userName: String, organization: String) -> String {
        let issuer = "Parley \(organization)"
        var parts = URLComponents()
        parts.scheme = "otpauth"
        parts.host = "totp"
        parts.path = "/\(issuer.replacing(":", with: " ")):\(userName.replacing(":", with: " "))"
        parts.queryItems = [
            URLQueryItem(name: "secret", value: Base32.encode(totp.secret)),
            URLQueryItem(name: "issuer", value: issuer),
        ]
        return parts.string ?? "otpauth://totp/Parley?secret=\(Base32.encode(totp.secret))"
    }
}

enum SecondFactorProblem: Error, Hashable, Sendable {
    /// There is one, and no code was given.
    case required
    case wrong
    /// There is one, or the organization demands one, and the provider has not said that it saw one.
    case unconfirmed
    /// The organization demands one, and there is none.
    case setupRequired
    /// The offer is not of this account, or too old, or another second factor was set up since.
    case enrollmentInvalid
}
