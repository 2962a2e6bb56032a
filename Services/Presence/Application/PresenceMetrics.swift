import Metrics
import ParleyProtocol

/// What an operator can watch. Labels have few values: codes and reasons, never names or ids.
enum PresenceMetrics {
    private static let streams = Counter(label: "presence_streams_total")
    private static let refusedSockets = Counter(label: "presence_sockets_refused_total")
    private static let changes = Counter(label: "presence_changes_total")
    private static let deliveries = Counter(label: "presence_deliveries_total")
    private static let openStreams = Gauge(label: "presence_streams_open")

    /// An address has too many sockets already.
    static func socketRefused() { refusedSockets.increment() }

    /// - Parameter open: how many there are now.
    static func streamBegan(open: Int) {
        streams.increment()
        openStreams.record(open)
    }

    /// - Parameter code: 1006 when the connection broke.
    static func streamEnded(_ code: UInt16?, open: Int) {
        let known = code.flatMap(CloseCode.init(rawValue:)).map { String($0.rawValue) }
        Counter(label: "presence_streams_ended_total", dimensions: [("code", known ?? "other")]).increment()
        openStreams.record(open)
    }

    static func streamRefused(_ code: ErrorCode) {
        Counter(label: "presence_streams_refused_total", dimensions: [("code", code.rawValue)]).increment()
    }

    enum Beginning: String {
        /// With the changes that were missed.
        case resumed
        /// With everything.
        case anew
    }

    static func began(_ how: Beginning) {
        Counter(label: "presence_stream_beginnings_total", dimensions: [("how", how.rawValue)]).increment()
    }

    /// A change went to so many sockets of this process.
    static func delivered(to sockets: Int) {
        changes.increment()
        deliveries.increment(by: sockets)
    }

    enum Repair: String {
        /// The missing changes were found in the log.
        case filled
        /// Everything was told anew.
        case anew
    }

    static func repaired(_ how: Repair) {
        Counter(label: "presence_repairs_total", dimensions: [("how", how.rawValue)]).increment()
    }
}
