import ArgumentParser
import IdentityService
import ParleyProtocol

struct OrganizationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "organization", abstract: "Manages organizations.",
        subcommands: [Add.self, List.self, Set.self, Enable.self, Disable.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Adds an organization.")

        @Option(help: "The id that people sign in with: 1 to 64 letters, digits, '-', '.', '_'.")
        var ucsid: String

        @Option(help: "The name that people read.")
        var name: String

        @Option(name: .customLong("alias"), help: "Another id that people may sign in with; may be repeated.")
        var aliases: [String] = []

        func run() async throws {
            let command = self
            try await runAdministration { administration in
                try await administration.add(
                    try NewOrganization(ucsid: command.ucsid, name: command.name, aliases: command.aliases))
                return "Added the organization \(command.ucsid)."
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the organizations: UCSID, state, name, aliases, id.")

        func run() async throws {
            try await runAdministration { administration in
                try await administration.allOrganizations().map { organization in
                    [
                        organization.ucsid, organization.isEnabled ? "enabled" : "disabled", organization.settings.name,
                        organization.settings.aliases.joined(separator: " "), organization.id.rawValue,
                    ].joined(separator: "\t")
                }.joined(separator: "\n")
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Changes what is given; everything else stays.")

        @Argument(help: "The organization's UCSID or an alias.")
        var organization: String

        @Option(help: "The name that people read.")
        var name: String?

        @Option(name: .customLong("alias"), help: "Replaces all aliases; may be repeated, empty for none.")
        var aliases: [String] = []

        @Option(name: .customLong("sign-in-domain"), help: "Replaces all domains; may be repeated, empty for any.")
        var domains: [String] = []

        @Option(
            help: "Characters that new passwords must have: 8 to 64. Less than 15 needs a second factor to be safe.")
        var passwordMinimum: Int?

        @Option(help: "Who may create rooms: permitted or everyone.")
        var roomCreators: RoomCreators?

        @Option(help: "de or en.")
        var defaultLanguage: Language?

        @Option(help: "optional or required.")
        var secondFactor: SecondFactorPolicy?

        @Option(help: "Lists of who was in a meeting: off, or kept for the owner of the room.")
        var attendance: AttendancePolicy?

        func run() async throws {
            let command = self
            try await runAdministration { administration in
                try await administration.change(command.organization, command.change)
                return "Changed the organization \(command.organization)."
            }
        }

        private func change(_ draft: inout OrganizationDraft) {
            if let name { draft.name = name }
            if !aliases.isEmpty { draft.aliases = aliases.filter { !$0.isEmpty } }
            if !domains.isEmpty { draft.signInDomains = domains.filter { !$0.isEmpty } }
            if let passwordMinimum { draft.passwordMinimum = passwordMinimum }
            if let roomCreators { draft.roomCreators = roomCreators }
            if let defaultLanguage { draft.defaultLanguage = defaultLanguage }
            if let secondFactor { draft.secondFactor = secondFactor }
            if let attendance { draft.attendance = attendance }
        }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lets the organization's people sign in again.")

        @Argument(help: "The organization's UCSID or an alias.")
        var organization: String

        func run() async throws {
            let command = self
            try await runAdministration { administration in
                try await administration.setEnabled(command.organization, true)
                return "Enabled the organization \(command.organization)."
            }
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends the sessions of the organization's people and lets nobody of it sign in.")

        @Argument(help: "The organization's UCSID or an alias.")
        var organization: String

        func run() async throws {
            let command = self
            try await runAdministration { administration in
                try await administration.setEnabled(command.organization, false)
                return "Disabled the organization \(command.organization)."
            }
        }
    }
}

extension RoomCreators: ExpressibleByArgument {}
extension Language: ExpressibleByArgument {}
extension SecondFactorPolicy: ExpressibleByArgument {}
extension AttendancePolicy: ExpressibleByArgument {}
