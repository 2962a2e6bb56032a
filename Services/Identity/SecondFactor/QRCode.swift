import CQREncode

/// QR codes by libqrencode.
enum QRCode {
    /// Rows from top to bottom, `1` is dark; without the quiet zone around it.
    /// - Returns: nil when the text is too long for one, or there is no memory.
    static func rows(_ text: String) -> [String]? {
        guard let code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1) else { return nil }
        defer { QRcode_free(code) }
        guard let data = code.pointee.data else { return nil }
        let width = Int(code.pointee.width)
        return (0..<width).map { row in
            String((0..<width).map { column in data[row * width + column] & 1 == 1 ? Character("1") : "0" })
        }
    }
}
