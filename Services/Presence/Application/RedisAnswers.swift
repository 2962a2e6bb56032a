import Logging
import Redis
import ServiceKit

/// Runs `body`; when Redis does not answer, nothing is known and the client is told to come back (503).
func whileRedisAnswers<Result>(_ logger: Logger, _ body: () async throws -> Result) async throws -> Result {
    do {
        return try await body()
    } catch let error as RedisError {
        logger.warning("Redis did not answer", metadata: ["error": "\(error)"])
        throw ProblemError.unavailable("Presence is not known at the moment.")
    }
}
