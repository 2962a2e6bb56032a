import ParleyProtocol
import ServiceKit

/// Who must not come back into a room.
struct Ban: Sendable {
    enum Subject: Sendable, Hashable {
        /// With the source, guests from there too.
        case account(AccountID, source: String?)
        /// Guests from there, for a while: an address or a network is soon somebody else's.
        case source(String)
    }

    let subject: Subject
    let name: String
    let by: String
    let byAccount: AccountID?

    /// - Throws: 400 when it can't be said who is meant.
    init(_ report: BanReport) throws(ProblemError) {
        guard report.byAccount.map({ $0.isUUID }) ?? true else { throw .validation([.init("byAccount", .badFormat)]) }
        if let account = report.account {
            guard account.isUUID else { throw .validation([.init("account", .badFormat)]) }
            // Who is meant is known without it.
            let source = report.source.flatMap { Self.isSource($0) ? $0 : nil }
            subject = .account(account, source: source)
        } else {
            guard let source = report.source, Self.isSource(source) else {
                throw .validation([.init("source", report.source == nil ? .missing : .badFormat)])
            }
            subject = .source(source)
        }
        name = keptName(report.name)
        by = keptName(report.by)
        byAccount = report.byAccount
    }

    /// What `clientSource` makes of an address; what it makes of none means everybody whose address is not known.
    private static func isSource(_ text: String) -> Bool {
        text.utf8.count <= 64 && !text.isEmpty
            && text.utf8.allSatisfy {
                $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "/")
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
    }
}
