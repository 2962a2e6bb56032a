/// Something that is fetched from a provider and kept: one request at a time, which all who wait share.
actor SharedFetch<Value: Sendable> {
    private let load: @Sendable () async -> Result<Value, OIDCError>
    private var kept: (value: Value, fetchedAt: ContinuousClock.Instant)?
    private var running: Task<Result<Value, OIDCError>, Never>?
    private var lastStart: ContinuousClock.Instant?

    init(_ load: @escaping @Sendable () async throws(OIDCError) -> Value) {
        self.load = { () async -> Result<Value, OIDCError> in
            do throws(OIDCError) {
                return .success(try await load())
            } catch {
                return .failure(error)
            }
        }
    }

    /// What is kept, unless it is older than `maximumAge`; else what is fetched.
    func value(maximumAge: Duration) async throws(OIDCError) -> Value {
        if let kept, ContinuousClock.now - kept.fetchedAt < maximumAge { return kept.value }
        return try await fetch()
    }

    /// Fetches again, because what is kept does not do. Nothing when the last time was less than `interval` ago.
    func renewed(interval: Duration) async throws(OIDCError) -> Value? {
        if running == nil, let lastStart, ContinuousClock.now - lastStart < interval { return nil }
        return try await fetch()
    }

    /// The next who asks has it fetched.
    func forget() { kept = nil }

    private func fetch() async throws(OIDCError) -> Value {
        if let running { return try await running.value.get() }
        lastStart = .now
        // Who waits may be cancelled; the others go on to wait.
        let task = Task { await load() }
        running = task
        let result = await task.value
        running = nil
        if case .success(let value) = result { kept = (value, .now) }
        return try result.get()
    }
}
