import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ParleyProtocol

/// The router of the inner listener, with health and metrics. It is asked every few seconds, so its log is for debugging.
func makeInnerRouter(
    _ settings: ServiceSettings, readiness: Readiness, registry: PrometheusRegistry
) -> Router<ServiceRequestContext> {
    let router = makeRouter(trustedProxies: .everyone, logLevel: .debug, registry: registry)
    router.get("health/live") { _, _ in try jsonResponse(["status": "live"]) }
    router.get("health/ready") { _, _ -> Response in
        let report = await readiness.report()
        return try jsonResponse(report, status: report.status == .ready ? .ok : .serviceUnavailable)
    }
    router.get("metrics") { _, _ -> Response in
        let text = registry.text() + ProcessMetrics.text()
        return Response(
            status: .ok, headers: [.contentType: PrometheusRegistry.contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
    return router
}
