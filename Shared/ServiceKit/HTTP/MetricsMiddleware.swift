import HTTPTypes
import Hummingbird
import Metrics
import Synchronization

/// Counts requests and their durations by method, pattern of the route and status.
public struct MetricsMiddleware: RouterMiddleware {
    public typealias Context = ServiceRequestContext
    private let metrics: RequestMetrics

    public init(registry: PrometheusRegistry = .shared) {
        metrics = RequestMetrics(registry: registry)
    }

    public func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        metrics.active.increment()
        defer { metrics.active.decrement() }
        let response = try await next(request, context)
        metrics.record(
            method: RequestLabels.method(request.method), route: RequestLabels.route(context),
            status: response.status.code, duration: ContinuousClock.now - start)
        return response
    }
}

/// The metrics objects, made once for each combination of labels.
private final class RequestMetrics: Sendable {
    private struct Key: Hashable {
        let method: String
        let route: String
        let status: Int
    }

    let active: Meter
    private let registry: PrometheusRegistry
    private let known = Mutex<[Key: (requests: Counter, durations: Metrics.Timer)]>([:])

    init(registry: PrometheusRegistry) {
        self.registry = registry
        registry.describe("parley.http.requests", "Requests answered.")
        registry.describe("parley.http.request.duration", "Time from the head of a request to the head of its answer.")
        registry.describe("parley.http.requests.active", "Requests being handled now.")
        active = Meter(label: "parley.http.requests.active", factory: registry)
    }

    func record(method: String, route: String, status: Int, duration: Duration) {
        let key = Key(method: method, route: route, status: status)
        let (requests, durations) = known.withLock { known in
            if let metrics = known[key] { return metrics }
            let metrics = make(key)
            known[key] = metrics
            return metrics
        }
        requests.increment()
        durations.recordNanoseconds(duration.nanoseconds)
    }

    private func make(_ key: Key) -> (Counter, Metrics.Timer) {
        let place = [("method", key.method), ("route", key.route)]
        return (
            Counter(
                label: "parley.http.requests", dimensions: place + [("status", String(key.status))], factory: registry),
            Metrics.Timer(label: "parley.http.request.duration", dimensions: place, factory: registry)
        )
    }
}
