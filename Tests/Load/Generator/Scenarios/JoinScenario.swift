/// All come at once. It is over when everybody has been told of everybody in the room.
struct JoinScenario {
    let crowd: Crowd
    /// Whether people are signed in before the clock starts, where that is a step of its own.
    let isPrepared: Bool
    let steps: Steps

    func run() throws -> Result {
        try crowd.bring(to: isPrepared ? .greeted : .open, within: 60)
        crowd.serve(0.3)
        steps.stop(at: "start", crowd)
        var waiting = crowd.people
        var entered = Histogram()
        let (bytes, frames) = (crowd.receivedBytes, crowd.receivedFrames)
        let start = Clock.now()
        let cpu = Clock.ownCPU()
        crowd.received = { person, _, _ in
            if person.enteredAt == nil, person.knowsItself { person.enteredAt = Clock.now() }
        }
        try crowd.release(to: .inside)
        try crowd.wait("everybody to know everybody", within: 60) {
            waiting.removeAll { $0.stage == .inside && $0.knowsAll }
            return waiting.isEmpty
        }
        let seconds = Double(Clock.now() - start) / 1e9
        let used = Clock.ownCPU() - cpu
        // Late frames belong to the joins too.
        crowd.serve(1)
        steps.stop(at: "stop", crowd)
        for person in crowd.people { entered.add((person.enteredAt ?? start) - start) }
        var result = Result(
            scenario: "join", dialect: "", rooms: (crowd.people.last?.room ?? 0) + 1,
            people: (crowd.people.last?.seat ?? 0) + 1, seconds: seconds, crowd: crowd)
        result.receivedBytes = crowd.receivedBytes - bytes
        result.receivedFrames = crowd.receivedFrames - frames
        result.enteredP50 = entered.milliseconds(at: 0.5)
        result.enteredMaximum = Double(entered.maximum) / 1e6
        result.generatorCPU = used / seconds
        return result
    }
}
