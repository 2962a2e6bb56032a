import Foundation
import NIOPosix
import ParleyProtocol
import TestSupport
import WebSockets

/// A client's end of a stream: it notes all that comes, and what it knows by that.
actor Watcher {
    nonisolated let connection: WebSocketConnection
    private(set) var messages: [PresenceServerMessage] = []
    private(set) var views: [AccountID: PresenceView] = [:]
    private(set) var own: OwnPresence?
    private(set) var epoch = ""
    private(set) var seq = 0
    /// Whether `seq` ever rose by more than one, or fell.
    private(set) var hasGap = false
    private var isEnded = false

    /// Connects and says hello, with a token or with any text.
    static func connect(port: Int, _ hello: PresenceClientMessage.Hello? = nil) async throws -> Watcher {
        let connection = try await WebSocketClient.connect(
            url: "ws://127.0.0.1:\(port)/api/presence/stream", eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
        let watcher = Watcher(connection)
        if let hello { connection.send(text: try PresenceClientMessage.hello(hello).encoded()) }
        return watcher
    }

    private init(_ connection: WebSocketConnection) {
        self.connection = connection
        Task { await self.read() }
    }

    private func read() async {
        for await message in connection.inbound {
            guard case .text(let bytes) = message, let message = try? PresenceServerMessage(decoding: bytes) else {
                continue
            }
            messages.append(message)
            note(message)
        }
        await connection.waitUntilClosed()
        isEnded = true
    }

    private func note(_ message: PresenceServerMessage) {
        switch message {
        case .welcome(let welcome): own = welcome.own
        case .snapshot(let snapshot):
            (epoch, seq) = (snapshot.epoch, snapshot.seq)
            views = Dictionary(uniqueKeysWithValues: snapshot.items.map { ($0.account, $0) })
        case .changed(let changed):
            if changed.epoch == epoch, changed.seq != seq + 1 { hasGap = true }
            (epoch, seq) = (changed.epoch, changed.seq)
            views[changed.view.account] =
                changed.view.state == .offline && changed.view.text == nil ? nil : changed.view
        case .own(let changed): own = changed.own
        case .refused, .error, .pong: break
        }
    }

    nonisolated func say(raw: String) { connection.send(text: Array(raw.utf8)) }

    nonisolated func say(active: Bool) throws {
        connection.send(text: try PresenceClientMessage.activity(.init(active: active)).encoded())
    }

    // MARK: Waiting

    func state(of account: AccountID) -> PresenceState { views[account]?.state ?? .offline }

    func wait(_ what: String, timeout: Duration = .seconds(10), until holds: (Watcher) -> Bool) async throws {
        try await eventually(timeout: timeout, what) {
            holds(self) ? nil : "known: \(views.values.map(\.state)), \(messages.count) messages"
        }
    }

    func wait(for account: AccountID, _ state: PresenceState, timeout: Duration = .seconds(10)) async throws {
        try await eventually(timeout: timeout, "\(account) is \(state)") {
            self.state(of: account) == state ? nil : "is \(self.state(of: account))"
        }
    }

    func wait(forMessage what: String, _ fits: (PresenceServerMessage) -> Bool) async throws {
        try await eventually(timeout: .seconds(10), what) { messages.contains(where: fits) ? nil : "\(messages)" }
    }

    func closeCode() async throws -> UInt16? {
        try await eventually(timeout: .seconds(15), "the end of the socket") { isEnded ? nil : "it is open" }
        return connection.closeCode
    }
}
