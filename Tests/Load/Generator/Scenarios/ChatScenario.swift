/// Everybody in every room chats. At a rate, senders take turns whatever comes back; without one, each room has a number of
/// messages under way and sends the next when one has arrived, which is as much as the server can do.
final class ChatScenario {
    struct Plan {
        /// Messages a second over all rooms; 0 for as many as possible.
        var rate: Double
        /// Messages of a room that may be under way when there is no rate.
        var window: Int
        var bytes: Int
        var warmUp: Double
        var seconds: Double
    }

    private let crowd: Crowd
    private let plan: Plan
    private let steps: Steps
    /// By room.
    private let rooms: [[Person]]
    private var nextSender: [Int]
    private var nextRoom = 0
    private var isSending = false
    private var isMeasuring = false
    private var sent = 0
    private var sentInWindow = 0
    private var received = 0
    private var deliveries = 0
    private var deliveryBytes = 0
    private var otherFrames = 0
    private var latencies = Histogram()
    private var lag: UInt64 = 0

    init(_ crowd: Crowd, plan: Plan, steps: Steps) {
        self.crowd = crowd
        self.plan = plan
        self.steps = steps
        rooms = Dictionary(grouping: crowd.people, by: \.room).sorted { $0.key < $1.key }.map(\.value)
        nextSender = Array(repeating: 0, count: rooms.count)
    }

    func run() throws -> Result {
        try crowd.bring(to: .inside, within: 90)
        try crowd.wait("everybody to know everybody", within: 20) { crowd.isComplete }
        crowd.serve(1)
        crowd.readsNames = false
        crowd.received = { [unowned self] in receive($0, $1, $2) }
        steps.stop(at: "calm", crowd)
        isSending = true
        pump(plan.warmUp)
        let result = measure()
        isSending = false
        // What is under way still counts as delivered, but no more in the figures.
        let deadline = Clock.now() + Clock.seconds(5)
        while received < expected, Clock.now() < deadline { crowd.turn(milliseconds: 10) }
        steps.stop(at: "over", crowd)
        return finish(result)
    }

    private func measure() -> Result {
        steps.say("start")
        isMeasuring = true
        let (start, cpu) = (Clock.now(), Clock.ownCPU())
        lag = 0
        pump(plan.seconds)
        isMeasuring = false
        let seconds = Double(Clock.now() - start) / 1e9
        steps.say("stop")
        var result = Result(
            scenario: "chat", dialect: "", rooms: rooms.count, people: rooms[0].count, seconds: seconds, crowd: crowd)
        result.generatorCPU = (Clock.ownCPU() - cpu) / seconds
        result.lag = Double(lag) / 1e6
        result.sent = sentInWindow
        return result
    }

    private func finish(_ measured: Result) -> Result {
        var result = measured
        result.sentInAll = sent
        result.deliveries = deliveries
        result.lost = expected - received
        result.otherFrames = otherFrames
        result.p50 = latencies.milliseconds(at: 0.5)
        result.p99 = latencies.milliseconds(at: 0.99)
        result.maximum = Double(latencies.maximum) / 1e6
        result.bytesPerDelivery = Double(deliveryBytes) / Double(max(1, deliveries))
        result.failures = crowd.failures
        result.samples = crowd.samples
        return result
    }

    private var expected: Int { sent * (rooms[0].count - (crowd.dialect.echoes ? 0 : 1)) }

    // MARK: Sending

    private func pump(_ seconds: Double) {
        let start = Clock.now()
        let end = start + Clock.seconds(seconds)
        guard plan.rate > 0 else {
            if sent == 0 { for room in rooms.indices { for _ in 0..<plan.window { sendNext(in: room) } } }
            while Clock.now() < end { crowd.turn(milliseconds: 10) }
            return
        }
        let interval = UInt64(1e9 / plan.rate)
        var due = start
        while true {
            let now = Clock.now()
            guard now < end else { return }
            while due <= now {
                lag = max(lag, now - due)
                sendNext(in: nextRoom)
                nextRoom = (nextRoom + 1) % rooms.count
                due += interval
            }
            crowd.turn(milliseconds: interval > 2_000_000 ? 1 : 0)
        }
    }

    private func sendNext(in room: Int) {
        let people = rooms[room]
        // The first person of a room is the one that counts messages under way, and does not speak.
        let speaker = people[1 + nextSender[room] % (people.count - 1)]
        nextSender[room] += 1
        sent += 1
        if isMeasuring { sentInWindow += 1 }
        crowd.say(speaker, Marks.text(bytes: plan.bytes, sentAt: Clock.now()))
    }

    // MARK: Receiving

    private func receive(_ person: Person, _ frame: UnsafeRawBufferPointer, _ wireBytes: Int) {
        var count = 0
        let now = Clock.now()
        Marks.times(in: frame) { sentAt in
            count += 1
            if isMeasuring { latencies.add(now - min(now, sentAt)) }
        }
        received += count
        if count == 0 {
            otherFrames += 1
            if Marks.contains("error", frame) { crowd.note(String(decoding: frame.prefix(300), as: UTF8.self)) }
        } else if isMeasuring {
            deliveries += count
            deliveryBytes += wireBytes
        }
        if plan.rate == 0, isSending, person.seat == 0 { for _ in 0..<count { sendNext(in: person.room) } }
    }
}
