import Foundation
import ParleyProtocol

/// Offers second factors, and takes them up when their owner has shown a code.
struct SecondFactorOffers: Sendable {
    /// What an offer says that its owner gives back.
    private struct Enrollment: Codable {
        var account: AccountID
        var secret: [UInt8]
        var expiresAt: Date
    }

    private static let context = "enrollment"

    private let seal: SecretSeal

    init(clusterSecret: [UInt8]) {
        seal = SecretSeal(clusterSecret: clusterSecret, purpose: "parley second factor offer v1")
    }

    /// Nothing is kept of it here: the enrollment holds it, sealed.
    func offer(to account: AccountID, named userName: String, at organization: String) throws -> SecondFactorOffer {
        let totp = TOTP()
        let expiresAt = Date.now.addingTimeInterval(Double(Limits.enrollment))
        let enrollment = Enrollment(account: account, secret: totp.secret, expiresAt: expiresAt)
        let sealed = try seal.seal([UInt8](try JSONEncoder().encode(enrollment)), context: Self.context)
        let uri = Self.uri(totp, userName: userName, organization: organization)
        return SecondFactorOffer(
            secret: Base32.encode(totp.secret), uri: uri, qrCode: QRCode.rows(uri) ?? [],
            enrollment: sealed.base64URL)
    }

    /// The offered secret and the step of the code that shows that its owner has it.
    /// - Throws: `SecondFactorProblem`.
    func takeUp(
        _ enrollment: String, code: String, by account: AccountID, now: Date = .now
    ) throws(SecondFactorProblem) -> (totp: TOTP, step: Int64) {
        guard let sealed = [UInt8](base64URL: enrollment), let opened = seal.open(sealed, context: Self.context),
            let offer = try? JSONDecoder().decode(Enrollment.self, from: Data(opened)), offer.account == account,
            offer.expiresAt > now
        else { throw .enrollmentInvalid }
        let totp = TOTP(secret: offer.secret)
        guard let step = totp.step(of: code, at: now, after: 0) else { throw .wrong }
        return (totp, step)
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
    /// The organization demands one, and there is none.
    case setupRequired
    /// The offer is not of this account, or too old.
    case enrollmentInvalid
}
