import Logging
import NIOCore
import ParleyProtocol
import WebSockets

/// A media node as this process sees it: the connection, whether the node works, and the sessions kept alive at it.
actor MediaNode {
    /// Janus' session timeout is 130 s and counts from the last request.
    private static let round: Duration = .seconds(4)
    private static let probeLimit: Duration = .seconds(2)
    /// How long a participant waits for a node that is away.
    private static let patience: Duration = .seconds(4)
    /// Janus' lists grow with the room; frames of a trusted peer.
    private static let limits = WebSocketLimits(
        maximumFrame: 4 << 20, maximumMessage: 8 << 20, outgoingBudget: 8 << 20)

    private struct Member {
        let lost: @Sendable () -> Void
    }

    let address: MediaNodeAddress
    private let configuration: MediaConfiguration
    private let eventLoopGroup: any EventLoopGroup
    private let logger: Logger
    private var connection: JanusConnection?
    /// Session and handle for rooms and probes, which belong to no participant.
    private var control: (session: UInt64, handle: UInt64)?
    private var members: [UInt64: Member] = [:]
    /// Sessions of a broken connection, which Janus keeps for two minutes with their media.
    private var abandoned: [UInt64] = []

    init(
        _ address: MediaNodeAddress, configuration: MediaConfiguration, eventLoopGroup: any EventLoopGroup,
        logger: Logger
    ) {
        self.address = address
        self.configuration = configuration
        self.eventLoopGroup = eventLoopGroup
        self.logger = logger
    }

    var isWorking: Bool { control != nil }
    var sessions: Int { members.count }

    // MARK: Connection

    /// Connects, again and again, until the task is cancelled.
    func run() async {
        var delay = Duration.milliseconds(100)
        while !Task.isCancelled {
            if let connection = await connect(), await serve(connection) { delay = .milliseconds(100) }
            let jitter = Double.random(in: 0.7...1.3)
            try? await Task.sleep(for: delay * jitter)
            delay = min(delay * 2, .seconds(3))
        }
    }

    private func connect() async -> JanusConnection? {
        do {
            let socket = try await WebSocketClient.connect(
                url: address.url, subprotocol: "janus-protocol", limits: Self.limits, eventLoopGroup: eventLoopGroup,
                timeout: .seconds(3))
            return JanusConnection(socket: socket, apiSecret: configuration.apiSecret, logger: logger)
        } catch {
            logger.debug(
                "The media node can't be reached", metadata: ["media.node": "\(address.name)", "error": "\(error)"])
            return nil
        }
    }

    /// Uses a connection until it breaks. Answers whether the node worked at all.
    private func serve(_ connection: JanusConnection) async -> Bool {
        await withTaskGroup { group in
            group.addTask { await connection.run() }
            group.addTask { await self.keepWorking(connection) }
            await group.next()
            await connection.close()
            group.cancelAll()
        }
        let worked = control != nil
        leave()
        return worked
    }

    private func keepWorking(_ connection: JanusConnection) async {
        let control: (session: UInt64, handle: UInt64)
        do {
            control = try await openControl(connection)
        } catch {
            let metadata: Logger.Metadata = ["media.node": "\(address.name)", "error": "\(error)"]
            return logger.warning("The media node refuses us", metadata: metadata)
        }
        self.connection = connection
        self.control = control
        await destroyAbandoned(at: connection)
        logger.info("The media node works", metadata: ["media.node": "\(address.name)"])
        while !Task.isCancelled {
            guard await probeTwice(connection, handle: control.handle, session: control.session) else {
                return logger.warning("The media node answers no more", metadata: ["media.node": "\(address.name)"])
            }
            for session in members.keys { await connection.post("keepalive", session: session) }
            try? await Task.sleep(for: Self.round)
        }
    }

    private func openControl(_ connection: JanusConnection) async throws -> (session: UInt64, handle: UInt64) {
        let session = try await connection.request("create").data?.id ?? 0
        let handle = try await attach(connection, session: session, opaqueID: "control")
        return (session, handle)
    }

    /// A deadlocked Janus still accepts connections, so the probe makes it work: one request through core and plugin.
    private func probeTwice(_ connection: JanusConnection, handle: UInt64, session: UInt64) async -> Bool {
        for _ in 1...2 {
            let answer = try? await connection.request(
                "message", session: session, handle: handle, body: VideoRoomRequest.List(), within: Self.probeLimit)
            if answer != nil { return true }
        }
        return false
    }

    private func leave() {
        if control != nil {
            logger.warning("The connection to the media node is lost", metadata: ["media.node": "\(address.name)"])
        }
        connection = nil
        control = nil
        abandoned.append(contentsOf: members.keys)
        let lost = members.values
        members = [:]
        for member in lost { member.lost() }
    }

    /// Claims and destroys what the last connection left, all at once: Janus answers in the order of the requests.
    private func destroyAbandoned(at connection: JanusConnection) async {
        for session in abandoned {
            await connection.post("claim", session: session)
            await connection.post("destroy", session: session)
        }
        abandoned = []
    }

    private func working() throws(JanusFailure) -> JanusConnection {
        guard let connection, control != nil else { throw .closed }
        return connection
    }

    /// Waits a little: a media server that was restarted is back within a second.
    private func workingSoon() async throws(JanusFailure) -> JanusConnection {
        let clock = ContinuousClock()
        let deadline = clock.now + Self.patience
        while control == nil, clock.now < deadline, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(50))
        }
        return try working()
    }

    // MARK: Sessions of participants

    /// Makes a session. Its events go to `events`; `lost` is called once if the node is lost.
    func openSession(
        events: @escaping @Sendable (JanusMessage) -> Void, lost: @escaping @Sendable () -> Void
    ) async throws(JanusFailure) -> UInt64 {
        let connection = try await workingSoon()
        guard let session = try await connection.request("create").data?.id, self.connection === connection else {
            throw .closed
        }
        members[session] = Member(lost: lost)
        await connection.listen(to: session, events)
        return session
    }

    /// Ends a session with its handles and media.
    func closeSession(_ session: UInt64) async {
        guard members.removeValue(forKey: session) != nil, let connection else { return }
        await connection.listen(to: session, nil)
        await connection.post("destroy", session: session)
    }

    func attach(session: UInt64, opaqueID: String) async throws(JanusFailure) -> UInt64 {
        try await attach(try working(), session: session, opaqueID: opaqueID)
    }

    private func attach(
        _ connection: JanusConnection, session: UInt64, opaqueID: String
    ) async throws(JanusFailure) -> UInt64 {
        let answer = try await connection.request(
            "attach", session: session, plugin: "janus.plugin.videoroom", opaqueID: opaqueID)
        guard let handle = answer.data?.id else { throw .closed }
        return handle
    }

    func detach(session: UInt64, handle: UInt64) async {
        _ = try? await connection?.request("detach", session: session, handle: handle)
    }

    /// A request to VideoRoom on a participant's handle.
    func message(
        session: UInt64, handle: UInt64, body: any Encodable & Sendable, jsep: JanusDescription? = nil
    ) async throws(JanusFailure) -> JanusMessage {
        try await working().request("message", session: session, handle: handle, body: body, jsep: jsep)
    }

    // MARK: Rooms

    /// Makes the room unless another signaling node has made it.
    func createRoom(_ room: MediaRoomName) async throws(JanusFailure) {
        do {
            try await administer(
                VideoRoomRequest.Create(
                    room: room.rawValue, adminKey: configuration.adminKey, secret: secret(of: room)))
        } catch .refused(VideoRoomErrorCode.roomExists, _) {}
    }

    func destroyRoom(_ room: MediaRoomName) async {
        try? await administer(VideoRoomRequest.Destroy(room: room.rawValue, secret: secret(of: room)))
    }

    /// Takes the participant's old connections away, so that its id is free again.
    func kick(_ participant: ParticipantID, from room: MediaRoomName) async {
        try? await administer(
            VideoRoomRequest.Kick(room: room.rawValue, secret: secret(of: room), id: participant.rawValue))
    }

    private func secret(of room: MediaRoomName) -> String {
        room.secret(key: configuration.roomSecretKey)
    }

    private func administer(_ body: any Encodable & Sendable) async throws(JanusFailure) {
        let connection = try working()
        guard let control else { throw .closed }
        _ = try await connection.request("message", session: control.session, handle: control.handle, body: body)
    }
}
