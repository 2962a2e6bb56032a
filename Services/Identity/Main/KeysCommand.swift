import ArgumentParser
import IdentityService
import ParleyProtocol
import ServiceKit

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Manages the keys that access tokens are signed with.",
        subcommands: [Rotate.self])

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a new key, which signs in ten minutes. Nobody is signed out.")

        @Flag(help: "The keys of now are known to somebody: they are removed, and the new one signs at once.")
        var compromised = false

        func run() async throws {
            let isCompromised = compromised
            try await runCommand { settings, logger in
                let database = DatabaseSettings.read(settings)
                let service = ServiceSettings(settings, name: .identity)
                try settings.finish()
                try await Administration.with(database, logger: logger) { administration in
                    try await administration.rotateKeys(
                        isCompromised: isCompromised, clusterSecret: service.clusterSecret)
                }
                return isCompromised ? "Replaced all keys." : "Made the next key."
            }
        }
    }
}
