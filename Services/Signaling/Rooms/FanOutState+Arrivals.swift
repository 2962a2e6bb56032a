import NIOCore
import ParleyProtocol
import WebSockets

// Telling of those who came.
extension FanOutState {
    mutating func sendArrivals() {
        let messages = arrivals.takeAll()
        guard !messages.isEmpty else { return }
        var untold: [WebSocketConnection] = []
        for member in members.values where member.held == nil {
            let news = messages.drop { member.knows($0) }
            if news.count == messages.count {
                untold.append(member.connection)
            } else {
                for frame in RoomMessage.merged(news) { member.connection.send(text: frame) }
            }
        }
        guard !untold.isEmpty else { return }
        for frame in RoomMessage.merged(messages) {
            WebSocketConnection.broadcast(WebSocketFrameBytes(text: frame), to: untold)
        }
    }

    /// Where and when somebody is to look after the arrivals; nothing when there are none, or somebody will anyway.
    mutating func takeArrivalsTimer() -> (eventLoop: any EventLoop, due: ContinuousClock.Instant)? {
        guard !isArrivalsTimerSet, !arrivals.isEmpty,
            let eventLoop = members.values.first(where: { $0.held == nil })?.connection.eventLoop
        else { return nil }
        isArrivalsTimerSet = true
        return (eventLoop, arrivals.due)
    }

    /// Sends them if it is time to.
    mutating func lookAfterArrivals() {
        isArrivalsTimerSet = false
        if arrivals.due <= .now { sendArrivals() }
    }
}
