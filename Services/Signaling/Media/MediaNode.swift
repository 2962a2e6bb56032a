import Logging
import NIOCore
import ParleyProtocol
import WebSockets

/// A media node as this process sees it: the connection, whether the node works, and the sessions kept alive at it.
actor MediaNode {
    /// Janus' lists grow with rooms and people; frames of a trusted peer. It sends an offer in some dozens of them, and what came as a
    /// flood when many enter at once ended the connection, with the media of all meetings here.
    private static let limits = WebSocketLimits(
        maximumFrame: 16 << 20, maximumMessage: 16 << 20, outgoingBudget: 16 << 20, otherFrames: 10_000_000)

    /// Session and handle for rooms and probes, which belong to no participant.
    struct Control {
        let session: UInt64
        let handle: UInt64
    }

    let address: MediaNodeAddress
    let configuration: MediaConfiguration
    let logger: Logger
    private let eventLoopGroup: any EventLoopGroup
    private(set) var connection: JanusConnection?
    private(set) var control: Control?

    var members: [UInt64: Member] = [:]
    var lastMember = 0
    /// Sessions to be destroyed, and when.
    var doomed: [UInt64: ContinuousClock.Instant] = [:]
    /// Publishers without a seat, and when they were first seen.
    var strangers: [MediaRoomName: [String: ContinuousClock.Instant]] = [:]

    /// Rooms whose meeting is over, to be destroyed when the last one has left.
    var endedRooms: Set<MediaRoomName> = []

    /// The node's last answer to a probe.
    private(set) var rooms: [VideoRoomAnswer.Room] = []
    private var answeredAt: ContinuousClock.Instant = .now
    /// Since when it does not work.
    private var awaySince: ContinuousClock.Instant? = .now
    /// Meetings that this process has placed here since the last answer, and between the two before. Their people are on the
    /// way while the node does not know of them.
    private var placements = (now: 0, before: 0)

    init(
        _ address: MediaNodeAddress, configuration: MediaConfiguration, eventLoopGroup: any EventLoopGroup,
        logger: Logger
    ) {
        self.address = address
        self.configuration = configuration
        self.eventLoopGroup = eventLoopGroup
        var logger = logger
        logger[metadataKey: "media.node"] = "\(address.name)"
        self.logger = logger
    }

    // MARK: State

    var isWorking: Bool { control != nil }

    /// People with media at this node, as far as is known; nothing while it does not work.
    var load: Int? {
        guard isWorking else { return nil }
        let people = rooms.reduce(0) { $0 + max(0, $1.participants - 1) }
        return people + placements.now + placements.before
    }

    /// A new meeting may get this node.
    func notePlacement() {
        placements.now += 1
    }

    func isAway(for time: Duration) -> Bool {
        guard let awaySince else { return false }
        return ContinuousClock.now - awaySince > time
    }

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
            logger.debug("The media node can't be reached", metadata: ["error": "\(error)"])
            return nil
        }
    }

    /// Uses a connection until it breaks. Answers whether the node worked at all.
    private func serve(_ connection: JanusConnection) async -> Bool {
        await withTaskGroup { group in
            group.addTask { await connection.run() }
            group.addTask { await self.keepWorking(connection) }
            await group.next()
            await connection.close(destroying: self.control?.session)
            group.cancelAll()
        }
        let worked = control != nil
        leave()
        return worked
    }

    private func keepWorking(_ connection: JanusConnection) async {
        do {
            let control = try await openControl(connection)
            self.connection = connection
            self.control = control
        } catch {
            return logger.warning("The media node refuses us", metadata: ["error": "\(error)"])
        }
        awaySince = nil
        spareAbandoned()
        logger.info("The media node works")
        while !Task.isCancelled {
            await connection.post(["keepalive"], sessions: members.keys)
            await destroyDoomed()
            try? await Task.sleep(for: configuration.times.round)
            guard !Task.isCancelled else { return }
            // Of those that end later, the answer may not know who was inside.
            let ended = endedRooms
            guard let control, let rooms = await probeTwice(connection, control) else {
                awaySince = answeredAt
                return logger.warning("The media node answers no more")
            }
            note(rooms)
            await destroyEmpty(ended)
        }
    }

    /// Not before the node has done some work: one that is deadlocked still makes sessions.
    private func openControl(_ connection: JanusConnection) async throws(JanusFailure) -> Control {
        guard let session = try await connection.request("create").data?.id else { throw .closed }
        do throws(JanusFailure) {
            let handle = try await attach(connection, session: session, opaqueID: "control")
            let control = Control(session: session, handle: handle)
            note(try await probe(connection, control))
            return control
        } catch {
            await connection.post(["destroy"], sessions: [session])
            throw error
        }
    }

    private func probeTwice(_ connection: JanusConnection, _ control: Control) async -> [VideoRoomAnswer.Room]? {
        for _ in 1...2 {
            if let rooms = try? await probe(connection, control) { return rooms }
        }
        return nil
    }

    /// A deadlocked Janus still accepts connections, so the probe makes it work: one request through core and plugin.
    private func probe(
        _ connection: JanusConnection, _ control: Control
    ) async throws(JanusFailure) -> [VideoRoomAnswer.Room] {
        try await connection.request(
            "message", session: control.session, handle: control.handle,
            body: VideoRoomRequest.List(adminKey: configuration.adminKey), within: configuration.times.probe
        ).answer?.list ?? []
    }

    private func note(_ rooms: [VideoRoomAnswer.Room]) {
        self.rooms = rooms
        answeredAt = .now
        placements = (now: 0, before: placements.now)
    }

    private func leave() {
        if let control {
            logger.warning("The connection to the media node is lost")
            doomed[control.session] = .now
        }
        connection = nil
        control = nil
        awaySince = awaySince ?? .now
        // When this process stops, others claim what it had.
        if !Task.isCancelled { abandonMembers() }
    }

    func working() throws(JanusFailure) -> JanusConnection {
        guard let connection, control != nil else { throw .closed }
        return connection
    }

    /// Waits a little for a node that is away.
    func workingSoon() async throws(JanusFailure) -> JanusConnection {
        let deadline = ContinuousClock.now + configuration.times.patience
        while control == nil, ContinuousClock.now < deadline, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(50))
        }
        return try working()
    }

    func attach(
        _ connection: JanusConnection, session: UInt64, opaqueID: String
    ) async throws(JanusFailure) -> UInt64 {
        let answer = try await connection.request(
            "attach", session: session, plugin: "janus.plugin.videoroom", opaqueID: opaqueID)
        guard let handle = answer.data?.id else { throw .closed }
        return handle
    }
}
