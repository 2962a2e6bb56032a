import Foundation

/// Base64url without padding (RFC 4648, section 5), for cookies and cursors.
extension [UInt8] {
    var base64URL: String {
        Data(self).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// - Returns: nil for other characters, and for spellings that `base64URL` would not give.
    init?(base64URL text: String) {
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        let plain = text.replacing("-", with: "+").replacing("_", with: "/") + padding
        guard let data = Data(base64Encoded: plain) else { return nil }
        self = [UInt8](data)
        guard base64URL == text else { return nil }
    }
}
