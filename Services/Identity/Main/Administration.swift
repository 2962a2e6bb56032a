import ArgumentParser
import Foundation
import IdentityService
import Logging
import ParleyProtocol
import ServiceKit

/// Does one thing, says so on standard output and ends with 0; with 65 and a sentence on standard error when what was given
/// can't be taken; otherwise as `runProcess`.
func runCommand(_ body: @Sendable (Settings, Logger) async throws -> String) async throws {
    try await runProcess(.identity) { settings, logger in
        do {
            print(try await body(settings, logger))
        } catch let problem as InputProblem {
            try? FileHandle.standardError.write(contentsOf: Data("identity: \(problem)\n".utf8))
            // EX_DATAERR of sysexits.h.
            throw ExitCode(65)
        }
    }
}

struct OrganizationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "organization", abstract: "Manages organizations.", subcommands: [Add.self])

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
            try await runCommand { settings, logger in
                let database = DatabaseSettings.read(settings)
                try settings.finish()
                let organization = try NewOrganization(
                    ucsid: command.ucsid, name: command.name, aliases: command.aliases)
                try await Administration.add(organization, database: database, logger: logger)
                return "Added the organization \(command.ucsid)."
            }
        }
    }
}

struct AccountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account", abstract: "Manages accounts.", subcommands: [Add.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Adds an account; its password is read from standard input.")

        @Option(help: "The organization's UCSID or an alias.")
        var organization: String

        @Option(help: "The name to sign in with.")
        var userName: String

        @Option(help: "The name that people read.")
        var displayName: String

        @Option(
            name: .customLong("permission"),
            help: "For example rooms.create, which makes an organizer; may be repeated.")
        var permissions: [String] = []

        @Flag(help: "Read the password from standard input; without the line break at its end.")
        var passwordStdin = false

        func validate() throws {
            guard passwordStdin else {
                throw ValidationError("Give --password-stdin: a password on the command line can be read by others.")
            }
        }

        func run() async throws {
            let command = self
            try await runCommand { settings, logger in
                let database = DatabaseSettings.read(settings)
                let logN = PasswordSettings.logN(settings)
                try settings.finish()
                let account = try NewAccount(
                    userName: command.userName, displayName: command.displayName, permissions: command.permissions)
                try await Administration.add(
                    account, password: try Password(try Self.readPassword()), organization: command.organization,
                    scryptLogN: logN, database: database, logger: logger)
                return "Added the account \(command.userName)."
            }
        }

        /// Blocks, which harms nobody: nothing else runs in this process yet.
        private static func readPassword() throws -> String {
            let longest = 64 * 1_024
            var data = Data()
            while data.count < longest, let part = try FileHandle.standardInput.read(upToCount: longest - data.count),
                !part.isEmpty
            {
                data.append(part)
            }
            guard let text = String(validating: data, as: UTF8.self) else {
                throw InputProblem("The password must be UTF-8.")
            }
            return text.last?.isNewline == true ? String(text.dropLast()) : text
        }
    }
}
