import Postgres
import Redis

// A store that is away is no fault of the request: 503, come back soon. Everything else a store says is ours: 500.

extension RedisError: ProblemConvertible {
    public var problemError: ProblemError {
        switch code {
        case .connection, .timeout, .closed, .overloaded: .unavailable()
        case .server(let word):
            ["LOADING", "OOM", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY"].contains(word)
                ? .unavailable() : .internalError
        case .invalidReply, .invalidArgument: .internalError
        }
    }
}

extension PostgresError: ProblemConvertible {
    public var problemError: ProblemError { isUnavailable ? .unavailable() : .internalError }
}
