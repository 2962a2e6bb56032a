import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import ParleyProtocol
import Synchronization

@testable import ServiceKit

/// Keeps the lines of a log.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }
    var objects: [[String: any Sendable]] {
        all.compactMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: any Sendable] }
    }

    func append(_ line: String) {
        lines.withLock { $0.append(line) }
    }

    func logger(level: Logger.Level = .trace) -> Logger {
        Logger(label: "test") { label in
            JSONLogHandler(
                service: "identity", label: label, level: level, metadataProvider: RequestID.metadataProvider,
                write: self.append)
        }
    }
}

let testSecret = [UInt8]("one secret of the whole cluster, for tests".utf8)

func someAccount(permissions: [Permission] = [.createRooms]) -> AccessClaims {
    AccessClaims(
        account: AccountID("a-1"), organization: OrganizationID("o-1"), session: SessionID("s-1"),
        displayName: "Ada Lovelace", permissions: permissions)
}

func someTicket() -> TicketClaims {
    TicketClaims(
        id: "t-1", room: RoomID("r-1"), organization: OrganizationID("o-1"), roomName: "Weekly", roomAlias: "weekly",
        role: .participant, displayName: "Grace")
}

func makeSigner() throws -> AccessTokenSigner {
    try AccessTokenSigner(privateKeyPEM: AccessTokenSigner.generatePrivateKey())
}

func freshRouter(accessTokens: AccessTokenVerifier? = nil) -> Router<ServiceRequestContext> {
    makePublicRouter(accessTokens: accessTokens, registry: PrometheusRegistry())
}

func application(
    _ router: Router<ServiceRequestContext>, logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
) -> some ApplicationProtocol {
    Application(
        router: router.refusingOtherMethods(),
        configuration: .init(address: .hostname("127.0.0.1", port: 0)), logger: logger)
}

extension TestResponse {
    var problem: Problem? {
        try? WireJSON.decoder.decode(Problem.self, from: Data(body.readableBytesView))
    }
}
