import Foundation
import Mail
import ParleyProtocol

/// Addresses to which mail is sent, as people write them. What one is made of says `Mailbox`.
enum MailAddress {
    /// As it is kept and written into headers: ASCII, the domain in lower case, an international one in its ASCII form.
    ///
    /// Quoted names, numeric hosts and names of the own network are refused: nobody has them, and much that reads addresses gets them
    /// wrong.
    static func normalized(_ text: String) throws(FieldRefusal) -> String {
        let trimmed = text.trimmingCharacters(in: .whitespaces)
        guard !trimmed.isEmpty else { throw FieldRefusal(.missing) }
        guard trimmed.utf8.count <= Limits.email.upperBound else { throw FieldRefusal(.tooLong) }
        let parts = trimmed.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, let domain = ascii(parts[1]) else { throw FieldRefusal(.badFormat) }
        let address = "\(parts[0])@\(domain)"
        guard address.utf8.count <= Limits.email.upperBound else { throw FieldRefusal(.tooLong) }
        guard let mailbox = Mailbox(address), mailbox.domain.contains(".") else { throw FieldRefusal(.badFormat) }
        return mailbox.address
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

    /// `nil` when it is no name of a host.
    private static func ascii(_ domain: Substring) -> String? {
        guard !domain.utf8.allSatisfy({ $0 < 0x80 }) else { return String(domain) }
        // Letters, marks and digits only, so that nothing of a URL gets into it.
        guard domain.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" || $0 == "." }) else { return nil }
        return URLComponents(string: "https://\(domain.lowercased())/")?.encodedHost
    }
}
