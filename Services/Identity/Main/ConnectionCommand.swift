import ArgumentParser
import IdentityService
import Logging
import ParleyProtocol
import ServiceKit

struct ConnectionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connection",
        abstract: "Manages the directories (LDAP) and providers (OpenID Connect) that people may sign in with.",
        subcommands: [Add.self, List.self, Check.self, Enable.self, Disable.self, Remove.self])

    /// Which connection is meant.
    struct Which: ParsableArguments {
        @Option(help: "The organization's UCSID or an alias.")
        var organization: String

        @Option(help: "The connection's id, as the list has it.")
        var id: String
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Adds a connection, described in JSON on standard input.",
            discussion: """
                {"name": "Company directory", "kind": "ldap", "settings": {"url": "ldaps://dc.example", "search": \
                {"base": "dc=example", "bindDN": "cn=parley,dc=example", "bindPassword": "…"}}, \
                "groups": {"cn=organizers,dc=example": ["rooms.create"]}}

                {"name": "Company account", "kind": "oidc", "settings": {"issuer": "https://login.example", \
                "clientID": "parley", "clientSecret": "…"}, "groups": {"organizers": ["rooms.create"]}}
                """)

        @Option(help: "The organization's UCSID or an alias.")
        var organization: String

        func run() async throws {
            let command = self
            try await runConnections { connections, _ in
                let draft = try ConnectionDraft(json: try readStandardInput("The description", longest: 256 * 1_024))
                return "Added the connection \(try await connections.add(draft, to: command.organization))."
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the connections: id, kind, state, name, address.")

        @Option(help: "The organization's UCSID or an alias.")
        var organization: String

        func run() async throws {
            let command = self
            try await runConnections { connections, _ in
                try await connections.list(command.organization).map(\.description).joined(separator: "\n")
            }
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Tries whether a connection can be used.")

        @OptionGroup var which: Which

        func run() async throws {
            let command = self
            try await runConnections { connections, logger in
                try await connections.check(command.which.id, of: command.which.organization, logger: logger)
                return "The connection can be used."
            }
        }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lets people sign in by a connection again.")

        @OptionGroup var which: Which

        func run() async throws { try await setEnabled(which, true) }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lets nobody sign in by a connection.")

        @OptionGroup var which: Which

        func run() async throws { try await setEnabled(which, false) }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Removes a connection. Accounts that came from it stay, and can't sign in by it.")

        @OptionGroup var which: Which

        func run() async throws {
            let command = self
            try await runConnections { connections, _ in
                try await connections.remove(command.which.id, from: command.which.organization)
                return "Removed the connection."
            }
        }
    }
}

private func setEnabled(_ which: ConnectionCommand.Which, _ isEnabled: Bool) async throws {
    let (id, organization) = (which.id, which.organization)
    try await runConnections { connections, _ in
        try await connections.setEnabled(id, of: organization, isEnabled)
        return "\(isEnabled ? "Enabled" : "Disabled") the connection."
    }
}

/// As `runCommand`, with the database and the cluster secret, which seals the passwords of connections.
private func runConnections(
    _ body: @escaping @Sendable (ConnectionAdministration, Logger) async throws -> String
) async throws {
    try await runCommand { settings, logger in
        let database = DatabaseSettings.read(settings)
        let service = ServiceSettings(settings, name: .identity)
        try settings.finish()
        return try await Administration.with(database, logger: logger) { administration in
            try await body(
                ConnectionAdministration(administration, clusterSecret: service.clusterSecret), logger)
        }
    }
}
