import AsyncHTTPClient
import NIOCore

/// The HTTP client of the process for calls to other services. It lives as long as the process.
enum InnerHTTP {
    static let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)

    private static var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        configuration.timeout = .init(connect: .seconds(1), read: .seconds(10))
        // Less than the services' own limit for idle connections, so that this end closes first.
        configuration.connectionPool.idleTimeout = .seconds(30)
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }
}
