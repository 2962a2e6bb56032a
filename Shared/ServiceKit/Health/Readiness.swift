import Synchronization

/// One thing that a service can't do its work without.
public struct ReadinessCheck: Sendable {
    /// Longest time that a check may take; a slower one counts as failed.
    public static let limit: Duration = .seconds(1)

    public let name: String
    let check: @Sendable () async -> Bool

    public init(_ name: String, check: @escaping @Sendable () async -> Bool) {
        self.name = name
        self.check = check
    }
}

/// What `/health/ready` says.
struct ReadinessReport: Codable, Sendable, Equatable {
    enum Status: String, Codable, Sendable {
        case ready
        case notReady = "not_ready"
        case stopping
    }

    var status: Status
    /// The result of each check, by its name.
    var checks: [String: Bool]
}

/// Whether a process wants to be given work: all its checks hold and it is not stopping.
final class Readiness: Sendable {
    private let checks: [ReadinessCheck]
    private let isStopping = Atomic<Bool>(false)

    init(checks: [ReadinessCheck]) {
        self.checks = checks
    }

    func stop() {
        isStopping.store(true, ordering: .relaxed)
    }

    func report() async -> ReadinessReport {
        let results = await withTaskGroup(of: (String, Bool).self) { group in
            for check in checks {
                group.addTask { (check.name, await bounded(ReadinessCheck.limit) { await check.check() } ?? false) }
            }
            return await group.reduce(into: [String: Bool]()) { $0[$1.0] = $1.1 }
        }
        if isStopping.load(ordering: .relaxed) { return ReadinessReport(status: .stopping, checks: results) }
        let isReady = results.values.allSatisfy { $0 }
        return ReadinessReport(status: isReady ? .ready : .notReady, checks: results)
    }
}
