import Foundation
import Logging
import ParleyProtocol
import ServiceLifecycle
import Synchronization
import WebSockets

/// Who listens at this process: renews the lease of each socket's device, ends sockets with their sessions, and lets none live for
/// ever, so that whoever listens shows again and again that they may.
final class OpenStreams: Service {
    /// Whose socket it is.
    enum Listener: Sendable {
        case person(PersonKey, SessionID, sessionEndsAt: Date?)
        /// A telephone system, by its token.
        case system(ReadTokenID)

        var person: PersonKey? {
            if case .person(let person, _, _) = self { person } else { nil }
        }

        var session: SessionID? {
            if case .person(_, let session, _) = self { session } else { nil }
        }

        var readToken: ReadTokenID? {
            if case .system(let token) = self { token } else { nil }
        }

        /// How long its socket may live, and why it ends then.
        fileprivate var life: (Duration, CloseCode) {
            switch self {
            case .system: return (OpenStreams.systemLife * Double.random(in: 0.8...1), .goingAway)
            case .person(_, _, let sessionEndsAt):
                let life = OpenStreams.personLife * Double.random(in: 0.8...1)
                guard let sessionEndsAt, sessionEndsAt.timeIntervalSinceNow < life / .seconds(1) else {
                    return (life, .goingAway)
                }
                return (.seconds(max(0, sessionEndsAt.timeIntervalSinceNow)), .signedOut)
            }
        }
    }

    /// Somebody has too many already.
    struct TooMany: Error {}

    typealias ID = ObjectIdentifier

    private struct Entry {
        let connection: WebSocketConnection
        let listener: Listener
        /// The name of the lease.
        let device: String
        var isActive: Bool
        var renewal: ContinuousClock.Instant
        let end: ContinuousClock.Instant
        let endCode: CloseCode
    }

    /// A device counts for so long after its socket has ended: long enough to load the page anew.
    static let leaving: Duration = .seconds(10)
    /// A quarter of a lease.
    private static let renewal: Duration = .seconds(Limits.presenceLease / 4)
    /// Of one account in this process: many tabs at many devices.
    private static let mostOfAccount = 30
    /// After which a client must come back.
    fileprivate static let personLife: Duration = .seconds(3_600)
    fileprivate static let systemLife: Duration = .seconds(300)
    private static let look: Duration = .seconds(1)
    /// Renewals on their way at once.
    private static let concurrency = 32

    private let people: People
    private let logger: Logger
    private let entries = Mutex<[ID: Entry]>([:])

    init(people: People, logger: Logger) {
        self.people = people
        self.logger = logger
    }

    var count: Int { entries.withLock { $0.count } }
    /// With which telephone systems listen here.
    var readTokens: Set<ReadTokenID> { entries.withLock { Set($0.values.compactMap(\.listener.readToken)) } }

    // MARK: One socket

    /// - Throws: `TooMany`, `RedisError`, `PostgresError`; the socket is not here then.
    func open(_ connection: WebSocketConnection, _ listener: Listener, isActive: Bool) async throws {
        let (life, endCode) = listener.life
        let entry = Entry(
            connection: connection, listener: listener, device: UUID().uuidString.lowercased(), isActive: isActive,
            renewal: .now + Self.renewal, end: .now + life, endCode: endCode)
        let isAccepted = entries.withLock { entries in
            if let person = listener.person {
                let open = entries.values.count { $0.listener.person == person }
                guard open < Self.mostOfAccount else { return false }
            }
            entries[ID(connection)] = entry
            return true
        }
        guard isAccepted else { throw TooMany() }
        do {
            try await tell(ID(connection))
        } catch {
            entries.withLock { $0[ID(connection)] = nil }
            throw error
        }
    }

    func note(_ connection: WebSocketConnection, isActive: Bool) async {
        entries.withLock { $0[ID(connection)]?.isActive = isActive }
        await renew(ID(connection))
    }

    /// Others go on to see the device for a moment, unless the person has signed out.
    func close(_ connection: WebSocketConnection) async {
        guard let entry = entries.withLock({ $0.removeValue(forKey: ID(connection)) }),
            let person = entry.listener.person
        else { return }
        let hasSignedOut = connection.closeCode == CloseCode.signedOut.rawValue
        do {
            try await people.change(
                person,
                [
                    hasSignedOut
                        ? .deviceGone(entry.device)
                        : .deviceLeaving(entry.device, isActive: entry.isActive, Self.leaving)
                ])
        } catch {
            logger.debug("A device ends with its lease", metadata: ["error": "\(error)"])
        }
    }

    // MARK: All

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.look)
                self.endOld()
                await self.renew { $0.renewal <= .now }
            }
        }
    }

    /// Brings the devices of an organization back that Redis has forgotten.
    func restore(_ organization: OrganizationID) async {
        await renew { $0.listener.person?.organization == organization }
    }

    /// These sessions have ended, and so do their sockets.
    func signOut(_ sessions: Set<SessionID>) {
        signOut { $0.session.map(sessions.contains) == true }
    }

    /// Nothing may be read with these tokens any more.
    func signOut(readTokens: Set<ReadTokenID>) {
        signOut { $0.readToken.map(readTokens.contains) == true }
    }

    private func signOut(where isMeant: (Listener) -> Bool) {
        let ended = entries.withLock { entries in entries.values.filter { isMeant($0.listener) } }
        for entry in ended { entry.connection.close(.signedOut, reason: "signed out") }
    }

    private func endOld() {
        let old = entries.withLock { entries in entries.values.filter { $0.end <= .now } }
        for entry in old { entry.connection.close(entry.endCode, reason: "come back") }
    }

    private func renew(where isMeant: (Entry) -> Bool) async {
        let due = entries.withLock { entries in
            let due = entries.filter { $0.value.listener.person != nil && isMeant($0.value) }.keys
            for id in due { entries[id]?.renewal = .now + Self.renewal * Double.random(in: 0.8...1) }
            return Array(due)
        }
        await withDiscardingTaskGroup { group in
            for line in due.split(into: Self.concurrency) {
                group.addTask {
                    for id in line { await self.renew(id) }
                }
            }
        }
    }

    private func renew(_ id: ID) async {
        do {
            try await tell(id)
        } catch {
            logger.debug("A device was not renewed", metadata: ["error": "\(error)"])
        }
    }

    /// Renews the lease of a device as it is now.
    private func tell(_ id: ID) async throws {
        while let entry = entries.withLock({ $0[id] }), let person = entry.listener.person {
            try await people.change(person, [.device(entry.device, isActive: entry.isActive)])
            let now = entries.withLock { $0[id] }
            guard let now else {
                // It has been closed meanwhile, and must not live on.
                return try await people.change(
                    person, [.deviceLeaving(entry.device, isActive: entry.isActive, Self.leaving)])
            }
            if now.isActive == entry.isActive { return }
        }
    }
}
