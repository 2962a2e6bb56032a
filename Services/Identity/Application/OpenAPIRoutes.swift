import HTTPTypes
import Hummingbird
import NIOCore
import ServiceKit

/// `GET /api/identity/openapi.json`: what this API is, for programs and their authors (OpenAPI 3.1).
enum OpenAPIRoutes {
    static func add(to router: Router<ServiceRequestContext>) {
        router.get("/api/identity/openapi.json") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/json", .cacheControl: "public, max-age=300"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: PackageResources.openapi_json)))
        }
    }
}
