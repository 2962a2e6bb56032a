import Foundation

/// A Redis Cluster of one test alone, on loopback: three primaries, whose nodes may be killed and started again on their ports.
public struct RedisClusterProcess: Sendable {
    /// Each owns about a third of the slots.
    public let primaries: [RedisServerProcess]
    /// One of the first primary, if that was wished.
    public let replica: RedisServerProcess?

    private static let slots = [0...5_460, 5_461...10_922, 10_923...16_383]

    /// Names the primaries.
    public var url: String {
        "redis://" + primaries.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
    }

    /// Slots of a lost primary are refused, all others go on being served.
    public static func withCluster<Result: Sendable>(
        replica: Bool = false, _ body: @Sendable (RedisClusterProcess) async throws -> Result
    ) async throws -> Result {
        var servers: [RedisServerProcess] = []
        do {
            for _ in 0..<(replica ? 4 : 3) {
                // A replica takes over after this time. Without one, a busy machine shall not look like a lost node.
                servers.append(try await node(timeout: replica ? .seconds(1) : .seconds(5)))
            }
            let cluster = RedisClusterProcess(primaries: Array(servers.prefix(3)), replica: replica ? servers[3] : nil)
            try await cluster.form()
            let result = try await body(cluster)
            await stop(servers)
            return result
        } catch {
            await stop(servers)
            throw error
        }
    }

    /// The port of the nodes' bus may be taken by somebody else in the meantime: then another one is tried.
    private static func node(timeout: Duration) async throws -> RedisServerProcess {
        for _ in 1...3 {
            let options = [
                "--cluster-enabled", "yes", "--cluster-port", "\(try await freePort())", "--cluster-node-timeout",
                "\(timeout.components.seconds * 1_000)",
                "--cluster-require-full-coverage", "no", "--cluster-replica-validity-factor", "0",
                "--repl-diskless-sync-delay", "0",
            ]
            if let server = try? await RedisServerProcess.started(options: options) { return server }
        }
        throw TestServerError("redis-server does not start as a node of a cluster")
    }

    private static func stop(_ servers: [RedisServerProcess]) async {
        for server in servers {
            await server.stop()
        }
    }

    private func form() async throws {
        for (index, server) in primaries.enumerated() {
            let slots = Self.slots[index]
            try await say(server, "CLUSTER", "ADDSLOTSRANGE", "\(slots.lowerBound)", "\(slots.upperBound)")
            try await say(server, "CLUSTER", "SET-CONFIG-EPOCH", "\(index + 1)")
        }
        let all = primaries + (replica.map { [$0] } ?? [])
        for server in all.dropFirst() {
            let bus = try await say(server, "CONFIG", "GET", "cluster-port").split(separator: "\n").last ?? ""
            try await say(primaries[0], "CLUSTER", "MEET", "127.0.0.1", "\(server.port)", String(bus))
        }
        try await waitUntilFormed(all)
        guard let replica else { return }
        let id = try await id(of: primaries[0])
        try await say(replica, "CLUSTER", "REPLICATE", id)
        try await eventually("the replica follows") {
            try await say(replica, "INFO", "replication").contains("master_link_status:up") ? nil : "no link"
        }
        try await eventually("all know the replica") {
            try await say(primaries[1], "CLUSTER", "NODES").contains("slave \(id)") ? nil : "unknown"
        }
    }

    private func waitUntilFormed(_ all: [RedisServerProcess]) async throws {
        for server in all {
            try await eventually(timeout: .seconds(20), "the cluster is formed") {
                let info = try await say(server, "CLUSTER", "INFO")
                let signs = ["cluster_state:ok", "cluster_slots_ok:16384", "cluster_known_nodes:\(all.count)"]
                return signs.allSatisfy(info.contains) ? nil : info
            }
        }
    }

    /// Moves a slot with all its keys, as `redis-cli --cluster reshard` does, while it is in use.
    ///
    /// - Parameter pause: how long the slot stays between the two nodes.
    public func move(
        slot: Int, from source: RedisServerProcess, to target: RedisServerProcess, pause: Duration = .zero
    ) async throws {
        let (sourceID, targetID) = (try await id(of: source), try await id(of: target))
        try await say(target, "CLUSTER", "SETSLOT", "\(slot)", "IMPORTING", sourceID)
        try await say(source, "CLUSTER", "SETSLOT", "\(slot)", "MIGRATING", targetID)
        while true {
            let keys = try await say(source, "CLUSTER", "GETKEYSINSLOT", "\(slot)", "100").split(separator: "\n")
            guard !keys.isEmpty else { break }
            try await RedisCLI.run(
                source.port,
                ["MIGRATE", "127.0.0.1", "\(target.port)", "", "0", "5000", "KEYS"] + keys.map(String.init))
        }
        try await Task.sleep(for: pause)
        for server in [target, source] + primaries.filter({ $0 !== source && $0 !== target }) {
            try await say(server, "CLUSTER", "SETSLOT", "\(slot)", "NODE", targetID)
        }
    }

    private func id(of server: RedisServerProcess) async throws -> String {
        try await say(server, "CLUSTER", "MYID")
    }

    /// Sends a command to one node and returns its answer.
    ///
    /// - Throws: `TestServerError` if that is an error.
    @discardableResult
    public func say(_ server: RedisServerProcess, _ command: String...) async throws -> String {
        try await RedisCLI.run(server.port, command)
    }
}
