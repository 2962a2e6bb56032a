import Logging
import NIOCore
import ParleyProtocol
import ServiceLifecycle

/// All media nodes as this process sees them.
actor MediaPlane: Service {
    private let configuration: MediaConfiguration
    private let logger: Logger
    private let nodes: [MediaNode]

    init(_ configuration: MediaConfiguration, eventLoopGroup: any EventLoopGroup, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        nodes = configuration.nodes.map {
            MediaNode($0, configuration: configuration, eventLoopGroup: eventLoopGroup, logger: logger)
        }
    }

    /// Keeps connections to all nodes until the process stops.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                for node in self.nodes { group.addTask { await node.run() } }
            }
        }
    }

    /// Whether at least one media node works.
    func isReady() async -> Bool {
        for node in nodes where await node.isWorking { return true }
        return false
    }

    /// The node that a new meeting should get: the working one with the fewest sessions of this process.
    func candidateNode() async -> String? {
        var best: (name: String, sessions: Int)?
        for node in nodes where await node.isWorking {
            let sessions = await node.sessions
            if sessions < best?.sessions ?? .max { best = (node.address.name, sessions) }
        }
        return best?.name
    }

    /// The media of one seat. Nothing is asked of the media node before the participant publishes or subscribes.
    func open(_ seat: MediaSeat, events: @escaping @Sendable (MediaEvent) -> Void) -> ParticipantMedia {
        ParticipantMedia(
            seat, node: nodes.first { $0.address.name == seat.node }, events: events, logger: logger)
    }

    /// Takes the meeting's room away from its media node.
    func endMeeting(room: RoomID, meeting: MeetingID, node name: String) async {
        guard let node = nodes.first(where: { $0.address.name == name }) else { return }
        await node.destroyRoom(MediaRoomName(room: room, meeting: meeting))
    }
}
