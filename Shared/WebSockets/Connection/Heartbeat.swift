import NIOConcurrencyHelpers
import NIOCore

/// The keep-alive timer of all sockets of one event loop.
///
/// A wheel of slots, one of which passes with each tick. A socket stands in the slot of its next deadline and is looked at
/// then, not before. A timer for each socket would be several objects and a place in the loop's queue for each of thousands.
/// The timer runs while there are sockets. Everything happens on the event loop.
final class Heartbeat {
    /// Where a socket stands in the wheel.
    struct Place {
        fileprivate var slot: Int
        fileprivate var index: Int
    }

    /// Sockets with the same ticks share a wheel: in production all of an event loop.
    private struct Key: Hashable {
        var eventLoop: ObjectIdentifier
        var tick: TimeAmount
    }

    /// A deadline is met this part of a ping's interval late, at most.
    private static let ticksOfPing: Int64 = 40
    /// More than three intervals. Who waits longer is looked at before its time, and goes on waiting.
    private static let slotCount = 128
    /// Steps of this part of a whole spread any number of things evenly over it (the golden ratio).
    private static let spread = 0.618_033_988_749_895

    private static let running = NIOLockedValueBox<[Key: NIOLoopBound<Heartbeat>]>([:])

    private let eventLoop: any EventLoop
    private let key: Key
    private var slots = [[WebSocketHandler]](repeating: [], count: slotCount)
    private var current = 0
    /// The time up to which the slots have passed.
    private var passed: NIODeadline
    private var timer: Scheduled<Void>?
    private var count = 0
    private var joined = 0

    private init(_ eventLoop: any EventLoop, _ key: Key) {
        self.eventLoop = eventLoop
        self.key = key
        passed = eventLoop.now
    }

    /// The wheel of this event loop, which is the current one, for sockets with this time between pings.
    static func of(_ eventLoop: any EventLoop, ping: TimeAmount) -> Heartbeat {
        let tick = TimeAmount.nanoseconds(max(1_000_000, ping.nanoseconds / ticksOfPing))
        let key = Key(eventLoop: ObjectIdentifier(eventLoop), tick: tick)
        return running.withLockedValue { running in
            if let found = running[key] { return found }
            let bound = NIOLoopBound(Heartbeat(eventLoop, key), eventLoop: eventLoop)
            running[key] = bound
            return bound
        }.value
    }

    /// Whether any timer runs for this event loop.
    static func isRunning(on eventLoop: any EventLoop) -> Bool {
        running.withLockedValue { $0.keys.contains { $0.eventLoop == ObjectIdentifier(eventLoop) } }
    }

    /// Takes a socket in. Answers the time of its first ping: within one interval, and spread over it so that sockets
    /// which came together, as after a restart, are not pinged together for ever.
    func join(_ socket: WebSocketHandler, ping: TimeAmount) -> NIODeadline {
        let part = (Double(joined) * Self.spread).truncatingRemainder(dividingBy: 1)
        let first = eventLoop.now + .nanoseconds(Int64(Double(ping.nanoseconds) * (1 - part)))
        joined += 1
        count += 1
        put(socket, first)
        if timer == nil { schedule() }
        return first
    }

    /// The socket has ended.
    func leave(_ socket: WebSocketHandler) {
        if let place = socket.place {
            let last = slots[place.slot].removeLast()
            if last !== socket {
                slots[place.slot][place.index] = last
                last.place = place
            }
            socket.place = nil
        }
        count -= 1
        guard count == 0 else { return }
        timer?.cancel()
        timer = nil
        _ = Self.running.withLockedValue { $0.removeValue(forKey: key) }
    }

    private func put(_ socket: WebSocketHandler, _ deadline: NIODeadline) {
        let wait = (deadline - passed).nanoseconds
        let ticks = (wait + key.tick.nanoseconds - 1) / key.tick.nanoseconds
        let slot = (current + Int(min(max(1, ticks), Int64(Self.slotCount - 1)))) % Self.slotCount
        socket.place = Place(slot: slot, index: slots[slot].count)
        slots[slot].append(socket)
    }

    private func schedule() {
        timer = eventLoop.assumeIsolated().scheduleTask(deadline: passed + key.tick) { self.turn() }
    }

    private func turn() {
        let now = eventLoop.now
        while passed + key.tick <= now {
            passed = passed + key.tick
            current = (current + 1) % Self.slotCount
            let due = slots[current]
            slots[current] = []
            for socket in due { socket.place = nil }
            for socket in due {
                if let next = socket.beat(now) { put(socket, next) }
            }
        }
        if count > 0 { schedule() }
    }
}
