import HTTPTypes
import Hummingbird
import NIOCore

extension Router<ServiceRequestContext> {
    /// `GET /api/SERVICE/openapi.json`: what a service's API is, for programs and their authors (OpenAPI 3.1).
    public func addOpenAPI(_ path: RouterPath, document: [UInt8]) {
        get(path) { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/json", .cacheControl: "public, max-age=300"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: document)))
        }
    }
}
