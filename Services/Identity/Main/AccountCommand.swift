import ArgumentParser
import Foundation
import IdentityService
import ParleyProtocol
import ServiceKit

struct AccountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account", abstract: "Manages accounts.",
        subcommands: [
            Add.self, List.self, Set.self, SetPassword.self, Enable.self, Disable.self, Delete.self, Unlock.self,
            RemoveSecondFactor.self,
            Export.self,
            Import.self,
        ])

    /// Which account is meant.
    struct Which: ParsableArguments {
        @Option(help: "The organization's UCSID or an alias.")
        var organization: String

        @Option(help: "The name to sign in with.")
        var userName: String
    }

    /// Where a password comes from.
    struct PasswordSource: ParsableArguments {
        @Flag(help: "Read the password from standard input; without it a one-time password is made and printed.")
        var passwordStdin = false

        func read() throws -> Password? {
            guard passwordStdin else { return nil }
            let text = try readStandardInput("The password", longest: 64 * 1_024)
            return try Password(text.last?.isNewline == true ? String(text.dropLast()) : text)
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Adds an account, with a one-time password unless one is given.")

        @OptionGroup var which: Which
        @OptionGroup var password: PasswordSource

        @Option(help: "The name that people read.")
        var displayName: String

        @Option(help: "The e-mail address.")
        var email: String?

        @Option(
            name: .customLong("permission"),
            help: "For example rooms.create, which makes an organizer; may be repeated.")
        var permissions: [String] = []

        func run() async throws {
            let command = self
            try await runAdministration { administration in
                let account = try NewAccount(
                    userName: command.which.userName, displayName: command.displayName, email: command.email,
                    permissions: command.permissions)
                let oneTime = try await administration.add(
                    account, password: try command.password.read(), to: command.which.organization)
                return answer("Added the account \(command.which.userName).", oneTime)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the accounts: user name, state, display name, permissions.")

        @Option(help: "The organization's UCSID or an alias.")
        var organization: String

        func run() async throws {
            let command = self
            try await runAdministration { administration in
                try await administration.allAccounts(of: command.organization).map { account in
                    [
                        account.userName, account.isEnabled ? "enabled" : "disabled", account.displayName,
                        account.permissions.map(\.rawValue).joined(separator: " "),
                    ].joined(separator: "\t")
                }.joined(separator: "\n")
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Changes what is given; everything else stays.")

        @OptionGroup var which: Which

        @Option(help: "Another name to sign in with.")
        var newUserName: String?

        @Option(help: "The name that people read.")
        var displayName: String?

        @Option(help: "The e-mail address; empty for none.")
        var email: String?

        @Option(help: "de or en.")
        var language: Language?

        @Option(
            name: .customLong("permission"), help: "Replaces all permissions; may be repeated, empty for none.")
        var permissions: [String] = []

        func run() async throws {
            let command = self
            try await runAdministration { administration in
                try await administration.change(
                    command.which.userName, of: command.which.organization, command.change)
                return "Changed the account \(command.which.userName)."
            }
        }

        private func change(_ draft: inout AccountDraft) throws {
            if let newUserName { draft.userName = newUserName }
            if let displayName { draft.displayName = displayName }
            if let email { draft.email = email }
            if let language { draft.language = language }
            if !permissions.isEmpty {
                draft.permissions = try NewAccount.permissions(permissions.filter { !$0.isEmpty })
            }
        }
    }

    struct SetPassword: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set-password",
            abstract: "Replaces a password, by a one-time password unless one is given; all sessions end.")

        @OptionGroup var which: Which
        @OptionGroup var password: PasswordSource

        func run() async throws {
            let command = self
            try await runAdministration { administration in
                let oneTime = try await administration.setPassword(
                    try command.password.read(), of: command.which.userName, at: command.which.organization)
                return answer("Set the password of \(command.which.userName).", oneTime)
            }
        }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lets somebody sign in again.")

        @OptionGroup var which: Which

        func run() async throws { try await setEnabled(which, true) }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends somebody's sessions and meetings, and lets them not sign in.")

        @OptionGroup var which: Which

        func run() async throws { try await setEnabled(which, false) }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Removes an account and everything that is kept about the person but the audit.")

        @OptionGroup var which: Which

        func run() async throws {
            let command = self
            try await runAdministration { administration in
                try await administration.delete(command.which.userName, of: command.which.organization)
                return "Deleted the account \(command.which.userName)."
            }
        }
    }

    struct Unlock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets somebody try again at once, after too many wrong passwords. The password stays as it is.")

        @OptionGroup var which: Which

        func run() async throws {
            let command = self
            try await runAdministration { administration in
                try await administration.unlock(command.which.userName, of: command.which.organization)
                return "Unlocked the account \(command.which.userName)."
            }
        }
    }

    struct RemoveSecondFactor: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Removes the second factor of somebody who has lost it, and the recovery codes.")

        @OptionGroup var which: Which

        func run() async throws {
            let command = self
            try await runAdministration { administration in
                let wasThere = try await administration.removeSecondFactor(
                    command.which.userName, of: command.which.organization)
                return wasThere
                    ? "Removed the second factor of \(command.which.userName)."
                    : "\(command.which.userName) has no second factor."
            }
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints everything that is kept about a person, as JSON.",
            discussion: "The person's rooms are asked for at PARLEY_DIRECTORY_URL, and left out where that is not set.")

        @OptionGroup var which: Which

        func run() async throws {
            let command = self
            try await runCommand { settings, logger in
                let database = DatabaseSettings.read(settings)
                let directoryURL = settings.optionalURL("DIRECTORY_URL")
                let secret = directoryURL == nil ? [] : settings.secret("CLUSTER_SECRET", "the secret of the cluster")
                try settings.finish()
                return try await Administration.with(database, logger: logger) { administration in
                    try await administration.export(
                        command.which.userName, of: command.which.organization, directoryURL: directoryURL,
                        clusterSecret: secret)
                }
            }
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Adds accounts from CSV on standard input, all or none, and prints one-time passwords as CSV.",
            discussion: """
                The first line names the columns: userName, displayName, and optionally email, language, permissions \
                (separated by spaces). Every problem is told with its line.
                """)

        @Option(help: "The organization's UCSID or an alias.")
        var organization: String

        @Flag(help: "Only say whether the accounts could be added.")
        var dryRun = false

        func run() async throws {
            let command = self
            try await runAdministration { administration in
                let file = try AccountImport(csv: try readStandardInput("The file", longest: 16 * 1_024 * 1_024))
                let passwords = try await administration.run(
                    file, into: command.organization, isDryRun: command.dryRun)
                return passwords ?? "All \(file.count) accounts can be added; nothing was changed."
            }
        }
    }
}

private func answer(_ sentence: String, _ oneTimePassword: String?) -> String {
    guard let oneTimePassword else { return sentence }
    return "\(sentence) The one-time password, good for a day: \(oneTimePassword)"
}

private func setEnabled(_ which: AccountCommand.Which, _ isEnabled: Bool) async throws {
    let (userName, organization) = (which.userName, which.organization)
    try await runAdministration { administration in
        try await administration.change(userName, of: organization) { $0.isEnabled = isEnabled }
        return "\(isEnabled ? "Enabled" : "Disabled") the account \(userName)."
    }
}
