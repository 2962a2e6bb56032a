import Logging
import NIOCore
import ParleyProtocol
import ServiceLifecycle

/// All media nodes as this process sees them.
actor MediaPlane: Service {
    private let configuration: MediaConfiguration
    private let logger: Logger
    private let nodes: [MediaNode]
    private let startedAt = ContinuousClock.now

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

    private func node(_ name: String) -> MediaNode? { nodes.first { $0.address.name == name } }

    // MARK: Nodes

    /// Whether at least one media node works.
    func isReady() async -> Bool {
        for node in nodes where await node.isWorking { return true }
        return false
    }

    func isWorking(_ name: String) async -> Bool { await node(name)?.isWorking ?? false }

    /// The node that a new meeting should get: the one with the fewest people, by chance among equals.
    func candidateNode() async -> String? { await leastLoaded(but: "") }

    /// The node that a meeting should get whose own has been away for longer than `MediaTimes.absence`.
    ///
    /// - Returns: nothing while the own node works or may soon be back, or if no other works.
    func replacement(for name: String) async -> String? {
        let absence = configuration.times.absence
        // A node that is not known here never comes; but at the start nothing is known of any.
        let isAway = await node(name)?.isAway(for: absence) ?? (ContinuousClock.now - startedAt > absence)
        return isAway ? await leastLoaded(but: name) : nil
    }

    private func leastLoaded(but name: String) async -> String? {
        var best: (node: MediaNode, load: Int)?
        for node in nodes.shuffled() where node.address.name != name {
            guard let load = await node.load, load < best?.load ?? .max else { continue }
            best = (node, load)
        }
        await best?.node.notePlacement()
        return best?.node.address.name
    }

    // MARK: Seats

    /// The media of one seat. Nothing is asked of the media node before the participant publishes or subscribes.
    func open(_ seat: MediaSeat, events: @escaping @Sendable (MediaEvent) -> Void) -> ParticipantMedia {
        ParticipantMedia(seat, node: node(seat.node), events: events, logger: logger)
    }

    /// The media of a seat that another signaling node had: they go on meanwhile. If they can't be taken over, they are lost.
    func adopt(
        _ seat: MediaSeat, handles: MediaHandles, events: @escaping @Sendable (MediaEvent) -> Void
    ) async -> ParticipantMedia {
        let media = open(seat, events: events)
        await media.adopt(handles)
        if handles.node != seat.node { await destroy(handles) }
        return media
    }

    /// Ends the media of a seat that was given up without its owner.
    func destroy(_ handles: MediaHandles) async {
        await node(handles.node)?.destroySession(handles.session)
    }

    // MARK: Meetings

    /// Takes those out of the meeting's room who send without a seat. To be called every few seconds: somebody is taken out
    /// when seen twice.
    func removeStrangers(
        room: RoomID, meeting: MeetingID, node name: String, seated: Set<ParticipantID>,
        now: ContinuousClock.Instant = .now, isSeated: @Sendable (ParticipantID) async -> Bool
    ) async {
        await node(name)?.removeStrangers(
            from: MediaRoomName(room: room, meeting: meeting), seated: seated, now: now, isSeated: isSeated)
    }

    /// Takes the meeting's room away from its media node when all have left it.
    func endMeeting(room: RoomID, meeting: MeetingID, node name: String) async {
        await node(name)?.endRoom(MediaRoomName(room: room, meeting: meeting))
    }

    /// A meeting's room at its media node.
    struct PlacedRoom: Hashable, Sendable {
        var node: String
        var name: MediaRoomName
    }

    /// Rooms in which nobody was a moment ago.
    func emptyRooms() async -> [PlacedRoom] {
        var rooms: [PlacedRoom] = []
        for node in nodes where await node.isWorking {
            rooms += await node.emptyRooms.map { PlacedRoom(node: node.address.name, name: $0) }
        }
        return rooms
    }

    func destroyIfEmpty(_ room: PlacedRoom) async {
        guard let node = node(room.node), let inside = try? await node.participants(of: room.name), inside.isEmpty
        else { return }
        // What fails is found again by the next sweep.
        try? await node.destroyRoom(room.name, within: configuration.times.probe)
    }
}
