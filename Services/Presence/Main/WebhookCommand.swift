import ArgumentParser
import Foundation
import ParleyProtocol
import PresenceService
import ServiceKit

struct WebhookCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhook",
        abstract: "Manages where changes of presence are sent, such as to a telephone system.",
        subcommands: [Add.self, List.self, Remove.self, Enable.self, Secret.self])

    /// Which webhook is meant.
    struct Which: ParsableArguments {
        @Option(help: "The webhook's id, as the list has it.")
        var id: String
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Adds a webhook, and prints its id and the secret, which is not shown again.")

        @Option(help: "The organization's id, a UUID.")
        var organization: String

        @Option(help: "Where messages are sent, https://…")
        var url: String

        @Option(help: "The name that administrators read.")
        var name: String?

        @Flag(help: "Also takes http://, for inner networks.")
        var plain = false

        func run() async throws {
            let command = self
            try await runWebhooks { webhooks in
                let (id, secret) = try await webhooks.add(
                    organization: command.organization, url: command.url, name: command.name,
                    allowsPlain: command.plain)
                return "id: \(id)\nsecret: \(secret)"
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the webhooks: id, organization, state, name, address.")

        func run() async throws {
            try await runWebhooks { try await $0.list().joined(separator: "\n") }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Removes a webhook, with everything that waits for it.")

        @OptionGroup var which: Which

        func run() async throws {
            let id = which.id
            try await runWebhooks { webhooks in
                try await webhooks.remove(id: id)
                return "Removed the webhook."
            }
        }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Enables a webhook whose receiver had answered 410; it begins with a snapshot.")

        @OptionGroup var which: Which

        func run() async throws {
            let id = which.id
            try await runWebhooks { webhooks in
                try await webhooks.enable(id: id)
                return "Enabled the webhook."
            }
        }
    }

    struct Secret: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives a webhook a new secret, with which the next message is signed, and prints it.")

        @OptionGroup var which: Which

        func run() async throws {
            let id = which.id
            try await runWebhooks { "secret: \(try await $0.newSecret(id: id))" }
        }
    }
}

/// Does one thing, says so on standard output and ends with 0; with 65 and a sentence on standard error when what was given can't be
/// taken; otherwise as `runProcess`.
private func runWebhooks(_ body: @escaping @Sendable (WebhookAdministration) async throws -> String) async throws {
    try await runProcess(.presence) { settings, logger in
        do {
            print(try await WebhookAdministration.with(settings, logger: logger, body))
        } catch let problem as CommandProblem {
            try? FileHandle.standardError.write(contentsOf: Data("presence: \(problem)\n".utf8))
            // EX_DATAERR of sysexits.h.
            throw ExitCode(65)
        }
    }
}
