/// All people of a run, on their way into their rooms and then inside.
final class Crowd {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let people: [Person]
    let dialect: any Dialect
    private let ports: [UInt16]
    private let poller: Poller
    /// How far everybody goes by itself.
    private var goal = Person.Stage.inside
    /// Whether names in frames are looked at; not while messages are counted.
    var readsNames = true
    /// Frames to people who have been greeted.
    var received: ((Person, UnsafeRawBufferPointer, Int) -> Void)?
    /// Sockets that ended and refusals, and the first of them in words.
    private(set) var failures = 0
    private(set) var samples: [String] = []

    init(people: [Person], dialect: any Dialect, ports: [UInt16]) throws {
        self.people = people
        self.dialect = dialect
        self.ports = ports
        poller = try Poller()
    }

    var receivedBytes: Int { people.reduce(0) { $0 + ($1.link?.receivedBytes ?? 0) } }

    var receivedFrames: Int { people.reduce(0) { $0 + ($1.link?.receivedFrames ?? 0) } }

    /// Whether everybody is inside and knows of everybody.
    var isComplete: Bool {
        people.allSatisfy { $0.stage == .inside && (!dialect.hasRoster || $0.knowsAll) }
    }

    /// Brings everybody to a stage, some at a time, so that the server is not flooded.
    func bring(to goal: Person.Stage, atOnce: Int = 32, within seconds: Double) throws {
        self.goal = goal
        var next = 0
        var moving: [Person] = []
        try wait("everybody to be at \(goal)", within: seconds) {
            moving.removeAll { $0.stage >= goal }
            while next < people.count, moving.count < atOnce {
                moving.append(people[next])
                try start(people[next])
                next += 1
            }
            return next == people.count && moving.isEmpty
        }
    }

    /// Lets all start at once.
    func release(to goal: Person.Stage) throws {
        self.goal = goal
        for person in people { try start(person) }
    }

    /// Serves the sockets until the condition holds. Any failure on the way ends it.
    func wait(_ what: String, within seconds: Double, until condition: () throws -> Bool) throws {
        let deadline = Clock.now() + Clock.seconds(seconds)
        let before = failures
        while try !condition() {
            guard failures == before else { throw Failure(description: samples.joined(separator: "; ")) }
            guard Clock.now() < deadline else { throw Failure(description: "Not within \(seconds) s: \(what).") }
            turn(milliseconds: 1)
        }
    }

    /// Serves the sockets for so long.
    func serve(_ seconds: Double) {
        let end = Clock.now() + Clock.seconds(seconds)
        while Clock.now() < end { turn(milliseconds: 10) }
    }

    func turn(milliseconds: Int32) { poller.turn(milliseconds: milliseconds) }

    func say(_ person: Person, _ text: String) {
        person.sent += 1
        person.link?.send(dialect.chat(person, text))
    }

    func note(_ failure: String) {
        failures += 1
        if samples.count < 5 { samples.append(failure) }
    }

    // MARK: One person's way in

    private func start(_ person: Person) throws {
        guard person.link == nil else { return step(person, nil) }
        let link = try Link(
            port: ports[person.number % ports.count], request: dialect.request(person).bytes, poller: poller,
            events: .init(
                opened: { [unowned self, unowned person] in
                    person.stage = .open
                    step(person, nil)
                },
                received: { [unowned self, unowned person] in heard(person, $0, $1) },
                closed: { [unowned self, unowned person] in
                    person.stage = .outside
                    note("\(person.name) of room \(person.room): \($0)")
                }))
        person.link = link
    }

    private func heard(_ person: Person, _ frame: UnsafeRawBufferPointer, _ wireBytes: Int) {
        if let answer = dialect.answer(frame) { person.link?.send(answer) }
        if readsNames, person.stage >= .greeted { Marks.names(in: frame) { person.hear(of: $0) } }
        if person.stage < .inside { step(person, frame) }
        received?(person, frame, wireBytes)
    }

    /// Goes on as far as what was heard allows, and not beyond the goal.
    private func step(_ person: Person, _ frame: UnsafeRawBufferPointer?) {
        if person.stage == .open, goal > .open {
            let isFirst = !person.isStepping
            person.isStepping = true
            switch dialect.greet(person, isFirst ? nil : frame) {
            case .say(let bytes): person.link?.send(bytes)
            case .failed: note("not greeted: \(frame.map { String(decoding: $0.prefix(300), as: UTF8.self) } ?? "")")
            case .ready: (person.stage, person.isStepping) = (.greeted, false)
            case .wait: break
            }
        }
        if person.stage == .greeted, goal > .greeted {
            if !person.isStepping {
                person.isStepping = true
                person.link?.send(dialect.enter(person))
            } else if let frame {
                if dialect.refuses(frame) { note("refused: \(String(decoding: frame.prefix(300), as: UTF8.self))") }
                if person.knowsItself || dialect.confirms(frame) { person.stage = .inside }
            }
        }
    }
}
