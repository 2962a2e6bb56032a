import Metrics
import ParleyProtocol

/// What an operator can watch. Labels have few values: codes and reasons, never names or ids.
enum SignalingMetrics {
    private static let sockets = Counter(label: "signaling_sockets_total")
    private static let refusedSockets = Counter(label: "signaling_sockets_refused_total")
    private static let events = Counter(label: "signaling_events_total")
    private static let deliveries = Counter(label: "signaling_deliveries_total")
    private static let resyncs = Counter(label: "signaling_resyncs_total")
    private static let fills = Counter(label: "signaling_fills_total")

    static func socketOpened() { sockets.increment() }

    /// An address has too many sockets already.
    static func socketRefused() { refusedSockets.increment() }

    /// A room event from Redis went to so many sockets of this node.
    static func delivered(to sockets: Int) {
        events.increment()
        deliveries.increment(by: sockets)
    }

    /// Missing events were found in the log.
    static func filled() { fills.increment() }

    enum Resume: String {
        /// With the events that were missed.
        case fromLog = "log"
        /// With the whole room.
        case anew
    }

    static func resumed(_ how: Resume) {
        Counter(label: "signaling_resumes_total", dimensions: [("how", how.rawValue)]).increment()
    }

    /// A room was told anew because events were missing.
    static func resynced() { resyncs.increment() }

    /// - Parameter code: 1006 when the connection broke.
    static func socketEnded(_ code: UInt16?) {
        let known = code.flatMap(CloseCode.init(rawValue:)).map { String($0.rawValue) }
        Counter(label: "signaling_sockets_ended_total", dimensions: [("code", known ?? "other")]).increment()
    }

    /// - Parameters:
    ///   - kind: `hello` or `resume`.
    ///   - code: why not; nothing when a seat was given.
    static func entered(_ kind: String, _ code: ErrorCode?) {
        let dimensions = [("kind", kind), ("result", code?.rawValue ?? "ok")]
        Counter(label: "signaling_entries_total", dimensions: dimensions).increment()
    }

    static func seatLost(_ reason: LostSeat.Reason) {
        Counter(label: "signaling_seats_lost_total", dimensions: [("reason", reason.rawValue)]).increment()
    }
}
