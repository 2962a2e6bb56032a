import ServiceKit

/// Base64url for cookies and cursors.
extension [UInt8] {
    var base64URL: String { Base64URL.encode(self) }

    /// - Returns: nil for other characters, and for spellings that `base64URL` would not give.
    init?(base64URL text: String) {
        guard let bytes = Base64URL.decode(text) else { return nil }
        self = bytes
    }
}
