import ParleyProtocol
import ServiceLifecycle

/// The rooms that this node serves at the moment. A room's hub exists while somebody uses it: a socket that is being
/// served, or a seat that is held.
actor RoomRegistry: Service {
    private struct Slot {
        let hub: RoomHub
        let start: Task<Void, any Error>
        var uses: Int
    }

    let services: RoomServices
    private var slots: [RoomID: Slot] = [:]
    private let started: AsyncStream<RoomHub>
    private let startedHub: AsyncStream<RoomHub>.Continuation

    init(services: RoomServices) {
        self.services = services
        (started, startedHub) = AsyncStream.makeStream(of: RoomHub.self)
    }

    /// Runs the hubs. At shutdown their leases are renewed once more, so that the seats outlive this process by as much as
    /// they can, for other nodes to take them over.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for await hub in self.started {
                    group.addTask { await hub.run() }
                }
            }
        }
        await withDiscardingTaskGroup { group in
            for slot in slots.values {
                group.addTask {
                    // What Redis could not be told when it was answered, nobody else will tell.
                    await slot.hub.sayGoodbyes()
                    await slot.hub.renew()
                }
            }
        }
    }

    /// Redis has lost its memory in these partitions: what this node holds there goes back at once.
    func restore(in partitions: Set<Partition>) async {
        await withDiscardingTaskGroup { group in
            for (room, slot) in slots where partitions.contains(Partition(of: room)) {
                group.addTask { await slot.hub.renew() }
            }
        }
    }

    /// These sessions have ended, and so do their seats.
    func signOut(_ sessions: Set<SessionID>) async {
        await withDiscardingTaskGroup { group in
            for slot in slots.values { group.addTask { await slot.hub.signOut(sessions) } }
        }
    }

    /// Asks all clients to move to other nodes.
    func askAllToMove() async {
        for slot in slots.values {
            await slot.hub.askAllToMove()
            await slot.hub.closeLine()
        }
    }

    /// The hub of a room, listening. Each call is to be paid back with `release`.
    ///
    /// - Throws: `RedisError` when Redis is away.
    func acquire(_ room: RoomID) async throws -> RoomHub {
        let slot = slots[room] ?? makeSlot(room)
        slots[room]?.uses += 1
        do {
            try await slot.start.value
            return slot.hub
        } catch {
            release(slot.hub)
            throw error
        }
    }

    /// One more use of a hub that is in use.
    func retain(_ hub: RoomHub) {
        guard slots[hub.room]?.hub === hub else { return }
        slots[hub.room]?.uses += 1
    }

    func release(_ hub: RoomHub) {
        guard let slot = slots[hub.room], slot.hub === hub else { return }
        slots[hub.room]?.uses -= 1
        guard slot.uses <= 1 else { return }
        slots[hub.room] = nil
        hub.stop()
    }

    private func makeSlot(_ room: RoomID) -> Slot {
        let hub = RoomHub(room: room, services: services, registry: self)
        let start = Task { [startedHub] in
            try await hub.start()
            startedHub.yield(hub)
        }
        let slot = Slot(hub: hub, start: start, uses: 0)
        slots[room] = slot
        return slot
    }
}
