extension OIDCSettings {
    /// Whether a provider can be asked with these settings; nothing is sent.
    ///
    /// - Throws: `OIDCError.settings` with the first field whose value is not usable.
    public func validate() throws(OIDCError) {
        guard let address = WebAddress(issuer), !address.hasQuery else { throw .settings(.issuer) }
        guard Self.isPrintable(clientID, maximum: 512) else { throw .settings(.clientID) }
        if let clientSecret {
            guard Self.isPrintable(clientSecret, maximum: 1_024) else { throw .settings(.clientSecret) }
        }
        guard (1...32).contains(scopes.count), scopes.contains("openid"), scopes.allSatisfy(Self.isScope) else {
            throw .settings(.scopes)
        }
        guard Self.isClaimPath(claims.userName) else { throw .settings(.userName) }
        guard Self.isClaimPath(claims.displayName) else { throw .settings(.displayName) }
        guard Self.isClaimPath(claims.email) else { throw .settings(.email) }
        guard Self.isClaimPath(claims.groups) else { throw .settings(.groups) }
    }

    /// VSCHAR of RFC 6749, appendix A.
    private static func isPrintable(_ text: String, maximum: Int) -> Bool {
        (1...maximum).contains(text.utf8.count) && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }

    /// NQCHAR of RFC 6749, appendix A: printable, without space, `"` and `\`.
    private static func isScope(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
    }

    private static func isClaimPath(_ text: String) -> Bool {
        let names = text.split(separator: ".", omittingEmptySubsequences: false)
        return text.utf8.count <= 256 && (1...8).contains(names.count) && names.allSatisfy { !$0.isEmpty }
            && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }
}
