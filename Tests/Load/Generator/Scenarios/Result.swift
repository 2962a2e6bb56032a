import Foundation

/// What a run found, printed as one line of JSON. What a scenario does not measure is absent.
struct Result: Codable {
    var scenario: String
    var dialect: String
    var rooms: Int
    /// In each room.
    var people: Int
    /// From the first message to the last effect, or of the measured window.
    var seconds: Double
    var sent: Int?
    /// With those before and after the measured window.
    var sentInAll: Int?
    var deliveries: Int?
    /// Deliveries that did not come, of messages of the whole run.
    var lost: Int?
    /// Frames that were neither a delivery nor an answer to a message.
    var otherFrames: Int?
    /// From sending to receiving.
    var p50: Double?
    var p99: Double?
    var maximum: Double?
    /// Frames with their headers, without TCP and IP.
    var bytesPerDelivery: Double?
    var receivedBytes: Int?
    var receivedFrames: Int?
    /// Milliseconds until each person had its own place.
    var enteredP50: Double?
    var enteredMaximum: Double?
    /// How late the generator was at worst, in milliseconds, and how much of its core it used.
    var lag: Double?
    var generatorCPU: Double?
    var failures: Int
    var samples: [String]

    init(scenario: String, dialect: String, rooms: Int, people: Int, seconds: Double, crowd: Crowd) {
        self.scenario = scenario
        self.dialect = dialect
        self.rooms = rooms
        self.people = people
        self.seconds = seconds
        failures = crowd.failures
        samples = crowd.samples
    }

    func print() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        Swift.print(String(decoding: try encoder.encode(self), as: UTF8.self))
    }
}

/// Tells whoever started the generator where it is, and lets them look at the servers meanwhile.
struct Steps {
    /// Whether to wait for an answer, a line on standard input.
    let waits: Bool

    /// For a moment that passes by.
    func say(_ name: String, isWaiting: Bool = false) {
        print(#"{"step":"\#(name)","waits":\#(isWaiting)}"#)
        fflush(nil)
    }

    /// For a moment that lasts until the answer; sockets go on being served.
    func stop(at name: String, _ crowd: Crowd) {
        say(name, isWaiting: waits)
        guard waits else { return }
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        while poll(&input, 1, 0) == 0 { crowd.turn(milliseconds: 5) }
        _ = readLine()
    }
}
