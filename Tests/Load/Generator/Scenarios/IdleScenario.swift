/// People who only stay.
struct IdleScenario {
    let crowd: Crowd
    let seconds: Double
    let steps: Steps

    func run() throws -> Result {
        let start = Clock.now()
        try crowd.bring(to: .inside, atOnce: 16, within: 120)
        try crowd.wait("everybody to know everybody", within: 30) { crowd.isComplete }
        let bytes = crowd.receivedBytes
        crowd.serve(3)
        steps.say("start")
        crowd.serve(seconds)
        steps.stop(at: "stop", crowd)
        var result = Result(
            scenario: "idle", dialect: "", rooms: (crowd.people.last?.room ?? 0) + 1,
            people: (crowd.people.last?.seat ?? 0) + 1, seconds: Double(Clock.now() - start) / 1e9, crowd: crowd)
        result.receivedBytes = crowd.receivedBytes - bytes
        return result
    }
}
