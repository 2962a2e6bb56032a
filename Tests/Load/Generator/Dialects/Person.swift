/// Somebody in a room, with a socket.
final class Person {
    enum Stage: Int, Comparable {
        /// No socket yet, or one that is not open.
        case outside
        case open
        /// The server knows who it is; with some servers that is so from the beginning.
        case greeted
        case inside

        static func < (left: Stage, right: Stage) -> Bool { left.rawValue < right.rawValue }
    }

    /// Among all.
    let number: Int
    /// The number of the room, and of the person in it.
    let room: Int
    let seat: Int
    let name: String
    let roomName: String
    var link: Link?
    var stage = Stage.outside
    /// Whether the step to the next stage has been begun.
    var isStepping = false
    /// When it was told of itself; only taken where that is measured.
    var enteredAt: UInt64?
    /// Chat messages.
    var sent = 0
    /// Whom this person has been told of, by number.
    private var known: [Bool]
    private(set) var knownCount = 0

    init(number: Int, room: Int, seat: Int, roomName: String, people: Int) {
        self.number = number
        self.room = room
        self.seat = seat
        self.roomName = roomName
        name = Marks.name(seat)
        known = Array(repeating: false, count: people)
    }

    var knowsAll: Bool { knownCount == known.count }
    var knowsItself: Bool { known[seat] }

    func hear(of seat: Int) {
        guard known.indices.contains(seat), !known[seat] else { return }
        known[seat] = true
        knownCount += 1
    }
}
