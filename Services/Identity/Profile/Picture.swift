import Crypto
import Foundation
import ParleyProtocol
import ServiceKit

/// A person's picture, checked: of a kind that browsers show without running anything in it, and of sane size.
struct Picture: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case png = "image/png"
        case jpeg = "image/jpeg"
        case webp = "image/webp"
    }

    let kind: Kind
    let bytes: [UInt8]

    /// - Throws: what is wrong with it, as a problem of the field `picture`.
    init(_ bytes: [UInt8]) throws(InputProblem) {
        guard bytes.count <= Limits.picture else {
            throw InputProblem(
                "A picture may have \(Limits.picture) bytes.", field: FieldProblem("picture", .tooLong))
        }
        guard let (kind, size) = Self.look(bytes) else {
            throw InputProblem(
                "A picture must be PNG, JPEG or WebP.", field: FieldProblem("picture", .badFormat))
        }
        guard Limits.pictureSide.contains(size.width), Limits.pictureSide.contains(size.height) else {
            let (least, most) = (Limits.pictureSide.lowerBound, Limits.pictureSide.upperBound)
            throw InputProblem(
                "A picture must have \(least) to \(most) pixels on each side.",
                field: FieldProblem("picture", .notAllowed))
        }
        self.kind = kind
        self.bytes = bytes
    }

    var digest: String { String(Array(SHA256.hash(data: bytes)).base64URL.prefix(22)) }

    private typealias Size = (width: Int, height: Int)

    private static func look(_ bytes: [UInt8]) -> (Kind, Size)? {
        if let size = png(bytes) { return (.png, size) }
        if let size = jpeg(bytes) { return (.jpeg, size) }
        if let size = webp(bytes) { return (.webp, size) }
        return nil
    }

    /// The signature, then IHDR with width and height (PNG, 5.2 and 11.2.1).
    private static func png(_ bytes: [UInt8]) -> Size? {
        guard bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
            bytes.dropFirst(12).starts(with: Array("IHDR".utf8)), let width = big(bytes, at: 16, count: 4),
            let height = big(bytes, at: 20, count: 4)
        else { return nil }
        return (width, height)
    }

    /// Segments up to the frame header, which has height and width (ITU T.81, B.2.2).
    private static func jpeg(_ bytes: [UInt8]) -> Size? {
        guard bytes.starts(with: [0xFF, 0xD8, 0xFF]) else { return nil }
        var place = 2
        while let mark = big(bytes, at: place, count: 2), mark >= 0xFF01,
            let length = big(bytes, at: place + 2, count: 2)
        {
            let isFrame = (0xFFC0...0xFFCF).contains(mark) && ![0xFFC4, 0xFFC8, 0xFFCC].contains(mark)
            if isFrame {
                guard let height = big(bytes, at: place + 5, count: 2), let width = big(bytes, at: place + 7, count: 2)
                else { return nil }
                return (width, height)
            }
            guard length >= 2 else { return nil }
            place += 2 + length
        }
        return nil
    }

    /// `RIFF….WEBP` and the first chunk: lossy, lossless or extended (RFC 9649, 2.4 to 2.7).
    private static func webp(_ bytes: [UInt8]) -> Size? {
        guard bytes.starts(with: Array("RIFF".utf8)), bytes.dropFirst(8).starts(with: Array("WEBP".utf8)) else {
            return nil
        }
        let chunk = String(decoding: bytes.dropFirst(12).prefix(4), as: UTF8.self)
        switch chunk {
        case "VP8 ":
            guard let width = little(bytes, at: 26, count: 2), let height = little(bytes, at: 28, count: 2) else {
                return nil
            }
            return (width & 0x3FFF, height & 0x3FFF)
        case "VP8L":
            guard let bits = little(bytes, at: 21, count: 4) else { return nil }
            return ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        case "VP8X":
            guard let width = little(bytes, at: 24, count: 3), let height = little(bytes, at: 27, count: 3) else {
                return nil
            }
            return (width + 1, height + 1)
        default: return nil
        }
    }

    private static func big(_ bytes: [UInt8], at place: Int, count: Int) -> Int? {
        guard place >= 0, place <= bytes.count - count else { return nil }
        return bytes[place..<place + count].reduce(0) { $0 << 8 | Int($1) }
    }

    private static func little(_ bytes: [UInt8], at place: Int, count: Int) -> Int? {
        guard place >= 0, place <= bytes.count - count else { return nil }
        return bytes[place..<place + count].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
