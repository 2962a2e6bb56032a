import ArgumentParser
import Foundation
import IdentityService
import ParleyProtocol

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Prints what was done to an organization and its accounts, the newest first.")

    @Option(help: "The organization's UCSID or an alias.")
    var organization: String

    @Option(help: "How many entries at most.")
    var limit = 100

    func validate() throws {
        guard (1...100_000).contains(limit) else { throw ValidationError("--limit must be 1 to 100000.") }
    }

    func run() async throws {
        let command = self
        try await runAdministration { administration in
            try await administration.auditEntries(of: command.organization, limit: command.limit).map { entry in
                let detail = entry.detail.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
                return [
                    entry.at.formatted(.iso8601), entry.action, entry.actor, entry.source, entry.subject,
                    detail.joined(separator: "; "),
                ].joined(separator: "\t")
            }.joined(separator: "\n")
        }
    }
}
