import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ParleyProtocol

/// The body of a request as a value of Shared/Protocol.
///
/// Throws 415 unless it is `application/json`, 413 when it is larger than `limit` bytes, and 400 `bad_request` when it is no
/// JSON, says something twice, is nested too deeply, or lacks what the type needs.
public func decodeBody<Value: Decodable>(
    _ type: Value.Type, from request: Request, context: ServiceRequestContext, limit: Int = Limits.requestBody
) async throws -> Value {
    guard isJSON(request.headers[.contentType]) else { throw ProblemError.unsupportedMediaType }
    if let announced = request.headers[.contentLength].flatMap({ Int($0) }), announced > limit {
        throw ProblemError.payloadTooLarge
    }
    let buffer = try await request.body.collect(upTo: limit)
    let bytes = [UInt8](buffer.readableBytesView)
    do {
        try StrictJSON.check(bytes)
        return try WireJSON.decoder.decode(type, from: Data(bytes))
    } catch let error as StrictJSON.Problem {
        throw ProblemError.badRequest(error.description)
    } catch let error as DecodingError {
        throw ProblemError.badRequest(decoding: error)
    }
}

/// An answer with `value` as JSON.
public func jsonResponse(
    _ value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
) throws -> Response {
    let body = ByteBuffer(bytes: try WireJSON.encode(value))
    var headers = headers
    headers[.contentType] = "application/json"
    headers[.contentLength] = String(body.readableBytes)
    return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: body))
}

/// An answer without body, 204.
public func emptyResponse(headers: HTTPFields = [:]) -> Response {
    Response(status: .noContent, headers: headers)
}

private func isJSON(_ contentType: String?) -> Bool {
    guard let contentType else { return false }
    let parts = contentType.lowercased().split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
    guard parts.first == "application/json" else { return false }
    return parts.dropFirst().allSatisfy { !$0.hasPrefix("charset=") || $0.contains("utf-8") }
}

extension ProblemError {
    /// Says which field is the matter, never what stood in it.
    fileprivate static func badRequest(decoding error: DecodingError) -> ProblemError {
        switch error {
        case .keyNotFound(let key, let context):
            let path = path(context.codingPath + [key])
            return .badRequest("The field `\(path)` is missing.", fields: [FieldProblem(path, .missing)])
        case .valueNotFound(_, let context):
            let path = path(context.codingPath)
            return .badRequest("The field `\(path)` is missing.", fields: [FieldProblem(path, .missing)])
        case .typeMismatch(_, let context), .dataCorrupted(let context):
            guard !context.codingPath.isEmpty else { return .badRequest("The body has the wrong form.") }
            let path = path(context.codingPath)
            return .badRequest("The field `\(path)` has the wrong form.", fields: [FieldProblem(path, .badFormat)])
        @unknown default:
            return .badRequest("The body has the wrong form.")
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map { $0.intValue.map(String.init) ?? String($0.stringValue.prefix(64)) }.joined(separator: ".")
    }
}
