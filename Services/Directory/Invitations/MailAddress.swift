import Foundation
import ParleyProtocol

/// Addresses to which mail is sent.
enum MailAddress {
    /// RFC 5321, 4.5.3.1.
    private static let localPart = 1...64
    private static let domain = 1...253
    private static let atext = Set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~".utf8)

    /// As it is kept and written into headers: ASCII, the domain in lower case, an international one in its ASCII form.
    ///
    /// Quoted names and numeric hosts are refused: nobody has them, and much that reads addresses gets them wrong.
    static func normalized(_ text: String) throws(FieldRefusal) -> String {
        let trimmed = text.trimmingCharacters(in: .whitespaces)
        guard !trimmed.isEmpty else { throw FieldRefusal(.missing) }
        guard trimmed.utf8.count <= Limits.email.upperBound else { throw FieldRefusal(.tooLong) }
        let parts = trimmed.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, isDotAtom(parts[0]), let domain = domain(parts[1]) else {
            throw FieldRefusal(.badFormat)
        }
        let address = "\(parts[0])@\(domain)"
        guard address.utf8.count <= Limits.email.upperBound else { throw FieldRefusal(.tooLong) }
        return address
    }

    /// Each once, in their order.
    static func list(_ texts: [String]) throws(FieldRefusal) -> [String] {
        var seen: Set<String> = []
        var addresses: [String] = []
        for text in texts {
            let address = try normalized(text)
            // What stands before the @ could differ by case only in theory (RFC 5321, 2.4).
            guard seen.insert(address.lowercased()).inserted else { continue }
            addresses.append(address)
            guard addresses.count <= Limits.invitees else { throw FieldRefusal(.tooLong) }
        }
        return addresses
    }

    private static func isDotAtom(_ text: Substring) -> Bool {
        localPart.contains(text.utf8.count)
            && text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy {
                !$0.isEmpty && $0.allSatisfy(atext.contains)
            }
    }

    private static func domain(_ text: Substring) -> String? {
        var ascii = text.lowercased()
        if !ascii.utf8.allSatisfy({ $0 < 0x80 }) {
            // Letters, marks and digits only, so that nothing of a URL gets into it.
            guard text.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." }),
                let host = URLComponents(string: "https://\(text.lowercased())/")?.encodedHost
            else { return nil }
            ascii = host.lowercased()
        }
        let labels = ascii.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard domain.contains(ascii.utf8.count), labels.count > 1, labels.allSatisfy(isLabel),
            // A top-level domain is no number: this is the address of a machine.
            let last = labels.last, !last.allSatisfy(isDigit)
        else { return nil }
        return ascii
    }

    private static func isLabel(_ label: Substring.UTF8View) -> Bool {
        let hyphen = UInt8(ascii: "-")
        return (1...63).contains(label.count) && label.first != hyphen && label.last != hyphen
            && label.allSatisfy { isDigit($0) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == hyphen }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
